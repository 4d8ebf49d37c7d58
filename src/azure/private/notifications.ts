import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { Construct } from 'constructs';
import { nameOf } from './names';
import { homeOf } from './resource-group';
import * as core from '../../core';
import { isWebhook } from '../../core/private/alarms';
import { text } from '../../terraform/text';

/** Whom alarms tell. */
export interface Told {
  /** For the addresses; undefined where there are none. */
  readonly group?: MonitorActionGroup;
  /** The ids of all action groups. */
  readonly groupIds: string[];
}

/** The action groups that alarms tell: one for the addresses, and those that were given. */
export function toldGroups(
  scope: Construct,
  shortName: string,
  { notify = [], channels = [] }: core.NotificationProps = {},
  id = 'ActionGroup',
): Told {
  const receiver = { useCommonAlertSchema: true };
  const mailed = notify.filter((address) => !isWebhook(address));
  const called = notify.filter(isWebhook);
  const group = notify.length
    ? new MonitorActionGroup(scope, id, {
        resourceGroupName: homeOf(scope).resourceGroupName,
        name: nameOf(scope, { maxLength: 60 }),
        shortName,
        emailReceiver: mailed.map((address, i) => ({
          name: `email-${i}`,
          emailAddress: text(address),
          ...receiver,
        })),
        ...(called.length && {
          webhookReceiver: called.map((address, i) => ({
            name: `webhook-${i}`,
            serviceUri: text(address),
            ...receiver,
          })),
        }),
      })
    : undefined;
  return {
    group,
    groupIds: [...(group ? [group.id] : []), ...channels.map(({ channelId }) => channelId)],
  };
}
