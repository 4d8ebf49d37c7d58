import {
  aws_events as events,
  aws_iam as iam,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { keyFor } from './keys';
import { servicePrincipal } from './platform-role';
import * as core from '../../core';
import { isWebhook } from '../../core/private/alarms';
import type { INotificationChannel } from '../notification-channel';

const EVENTS = 'events.amazonaws.com';

/** The services that tell. */
export const PUBLISHERS = ['cloudwatch.amazonaws.com', EVENTS];

/** What lets a service publish: CloudWatch for this account. EventBridge says of no message for whom it is. */
export const publishes = (
  scope: Construct,
  service: string,
  topic: sns.ITopic,
): iam.PolicyStatementProps => ({
  principals: [service === EVENTS ? new iam.ServicePrincipal(EVENTS) : servicePrincipal(scope, service)],
  actions: ['sns:Publish'],
  resources: [topic.topicArn],
});

export interface NotificationOptions {
  readonly notify: string[];
  readonly encryptionKey?: core.IEncryptionKey;
}

/** A topic that mails people and calls webhooks: encrypted, TLS only, open to alarms and events. */
export function notificationTopic(scope: Construct, id: string, options: NotificationOptions): sns.Topic {
  const topic = new sns.Topic(scope, id, {
    masterKey: keyFor(scope, options.encryptionKey as never).key,
    enforceSSL: true,
  });
  for (const service of PUBLISHERS) {
    topic.addToResourcePolicy(
      new iam.PolicyStatement({ sid: service.split('.')[0], ...publishes(scope, service, topic) }),
    );
  }
  options.notify.forEach((address) =>
    topic.addSubscription(
      isWebhook(address)
        ? new subscriptions.UrlSubscription(address)
        : new subscriptions.EmailSubscription(address),
    ),
  );
  return topic;
}

/** Whom alarms tell. */
export interface Told {
  /** For the addresses; undefined where there are none. */
  readonly topic?: sns.Topic;
  /** All of them. */
  readonly topics: sns.ITopic[];
}

/** The topics that alarms tell: one for the addresses, and those that were given. */
export function toldTopics(
  scope: Construct,
  id: string,
  { notify = [], channels = [] }: core.NotificationProps = {},
  encryptionKey?: core.IEncryptionKey,
): Told {
  const topic = notify.length ? notificationTopic(scope, id, { notify, encryptionKey }) : undefined;
  const given = channels.map((channel) => (channel as INotificationChannel).topic);
  return { topic, topics: [...(topic ? [topic] : []), ...given] };
}

/** The topics as targets of a rule. Not the L2's target: that opens a topic to the events of every account. */
export const tell = (topics: sns.ITopic[], message: string): events.IRuleTarget[] =>
  topics.map(({ topicArn }) => ({
    bind: () => ({ arn: topicArn, input: events.RuleTargetInput.fromText(message) }),
  }));
