import { aws_iam as iam, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { PUBLISHERS, publishes } from './private/notifications';
import { show } from '../core/private/faults';

/** A topic of Amazon SNS that alarms are told. */
export interface INotificationChannel extends core.INotificationChannel {
  /** The native topic. */
  readonly topic: sns.ITopic;
}

/** A topic of Amazon SNS that alarms are told, with whatever is subscribed to it. */
export class NotificationChannel extends Construct implements INotificationChannel {
  /**
   * A topic of this app, or an imported one. CloudWatch and EventBridge are added to the policy of a topic of this app;
   * the policy of an imported one must itself let them publish. The key of an encrypted topic must let them use it.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param topic the native topic
   */
  public static fromTopic(scope: Construct, id: string, topic: sns.ITopic): INotificationChannel {
    return new NotificationChannel(scope, id, topic);
  }

  public readonly channelId: string;
  public readonly topic: sns.ITopic;

  private constructor(scope: Construct, id: string, topic: sns.ITopic) {
    super(scope, id);
    judgeConstruct(this, 'NotificationChannel', (faults) => {
      if (typeof topic !== 'object' || topic === null || !('topicArn' in topic)) {
        faults.add('CMC-003', 'topic', `(${show(topic)}) must be a topic of aws-cdk-lib/aws-sns`);
      }
    });
    this.topic = topic;
    this.channelId = topic.topicArn;
    for (const service of PUBLISHERS) {
      topic.addToResourcePolicy(new iam.PolicyStatement(publishes(this, service, topic)));
    }
  }
}
