import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { judgeProps, required, struct, text } from '../core/private/schema';
import { text as literally } from '../terraform/text';

/** An action group of Azure Monitor that alarms are told. */
export interface INotificationChannel extends core.INotificationChannel {}

/** An action group of Azure Monitor that alarms are told, with whatever it does: call, write, open a ticket. */
export class NotificationChannel extends Construct implements INotificationChannel {
  /**
   * An action group that exists already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param actionGroupId the resource id of the action group
   */
  public static fromActionGroupId(scope: Construct, id: string, actionGroupId: string): INotificationChannel {
    return new NotificationChannel(scope, id, actionGroupId);
  }

  public readonly channelId: string;

  private constructor(scope: Construct, id: string, actionGroupId: string) {
    super(scope, id);
    judgeConstruct(this, 'NotificationChannel', (faults) =>
      judgeProps(faults, struct({ actionGroupId: ACTION_GROUP_ID }), { actionGroupId }),
    );
    this.channelId = literally(actionGroupId);
  }
}

const ACTION_GROUP_ID = required(
  text({
    pattern: /^\/subscriptions\/.+\/actionGroups\/[^/]+$/i,
    means: 'the resource id of an action group',
  }),
);
