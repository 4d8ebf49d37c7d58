import { aws_iam as iam, aws_sns as sns, aws_sns_subscriptions as subscriptions } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { keyFor } from './keys';
import { servicePrincipal } from './platform-role';
import * as core from '../../core';

export interface NotificationOptions {
  readonly notify: string[];
  readonly encryptionKey?: core.IEncryptionKey;
}

/** A topic that mails people: encrypted, TLS only, open to the alarms and events of this account. */
export function notificationTopic(scope: Construct, id: string, options: NotificationOptions): sns.Topic {
  const topic = new sns.Topic(scope, id, {
    masterKey: keyFor(scope, options.encryptionKey as never).key,
    enforceSSL: true,
  });
  for (const service of ['cloudwatch.amazonaws.com', 'events.amazonaws.com']) {
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: service.split('.')[0],
        principals: [servicePrincipal(scope, service)],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
  }
  options.notify.forEach((address) => topic.addSubscription(new subscriptions.EmailSubscription(address)));
  return topic;
}
