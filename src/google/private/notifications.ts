import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';
import { apis } from './apis';
import * as core from '../../core';
import { isWebhook } from '../../core/private/alarms';
import { isToken } from '../../core/private/tokens';
import { text } from '../../terraform/text';

/** Whom alarms tell. */
export interface Told {
  /** One for each address. */
  readonly channels: MonitoringNotificationChannel[];
  /** The names of all of them, as alert policies take them. */
  readonly names: string[];
}

/** A channel for each address; `purpose` stands in the console before it. */
export const addressChannels = (
  scope: Construct,
  addresses: string[],
  purpose = '',
): MonitoringNotificationChannel[] =>
  addresses.map((address, i) => {
    const [id, type, labels] = isWebhook(address)
      ? ['Webhook', 'webhook_tokenauth', { url: text(address) }]
      : ['Mail', 'email', { email_address: text(address) }];
    return new MonitoringNotificationChannel(scope, isToken(address) ? `${id}${i}` : `${id}-${address}`, {
      displayName: `${purpose}${text(address)}`,
      type,
      labels,
      dependsOn: apis(scope, 'monitoring'),
    });
  });

/** The channels that alarms tell: one for each address, and those that were given; `purpose` as above. */
export function toldChannels(
  scope: Construct,
  { notify = [], channels = [] }: core.NotificationProps = {},
  purpose?: string,
): Told {
  const made = addressChannels(scope, notify, purpose);
  return {
    channels: made,
    names: [...made.map(({ name }) => name), ...channels.map(({ channelId }) => channelId)],
  };
}
