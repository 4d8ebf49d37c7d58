import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { judgeProps, required, struct, text } from '../core/private/schema';
import { text as literally } from '../terraform/text';

/** A notification channel of Cloud Monitoring that alarms are told. */
export interface INotificationChannel extends core.INotificationChannel {}

/** A notification channel of Cloud Monitoring that alarms are told: a pager, a chat, a Pub/Sub topic. */
export class NotificationChannel extends Construct implements INotificationChannel {
  /**
   * A notification channel that exists already, in the project of the stack.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param channelId `projects/…/notificationChannels/…`
   */
  public static fromChannelId(scope: Construct, id: string, channelId: string): INotificationChannel {
    return new NotificationChannel(scope, id, channelId);
  }

  public readonly channelId: string;

  private constructor(scope: Construct, id: string, channelId: string) {
    super(scope, id);
    judgeConstruct(this, 'NotificationChannel', (faults) =>
      judgeProps(faults, struct({ channelId: CHANNEL_ID }), { channelId }),
    );
    this.channelId = literally(channelId);
  }
}

const CHANNEL_ID = required(
  text({
    pattern: /^projects\/[^/]+\/notificationChannels\/[^/]+$/,
    means: 'projects/…/notificationChannels/…',
  }),
);
