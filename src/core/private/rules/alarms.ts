import type { AlarmProps, EndpointAlarmProps, NotificationProps, TrainingAlarmProps } from '../../alarms';
import { construct } from '../brand';
import { Rule, Schema, either, flag, integer, list, literal, number, text } from '../schema';
import { isText } from './values';

const email = text({
  pattern: /^[^@\s"'<>]+@[^@\s"'<>]+\.[^@\s"'<>]+$/,
  means: 'an e-mail address',
  maxLength: 254,
});

const isAddress = (value: unknown) => isText(value) && /^https?:/i.test(value as string);

/** What is written into a template must be no secret, and what may be one is not repeated in a message. */
const webhook: Rule = (value, prop, faults) => {
  if (!WEBHOOK.test(value as string) || (value as string).length > 2048) {
    faults.add(
      'CMC-006',
      prop,
      'must be an https address without user, password or secret parameter, which would stand in the template: give such a webhook by channels',
    );
  }
};

const SECRETS =
  '(access_?token|token|api_?key|key|secret|password|pass|pwd|sig|signature|auth|authorization|code)';

const WEBHOOK = new RegExp(`^https://(?![^/?#]*@)(?!.*[?&]${SECRETS}=)[^\\s"'<>/]+\\.[^\\s"'<>]+$`, 'i');

export const notification = (cloud: string): Schema<NotificationProps> => ({
  notify: literal(list(either(isAddress, webhook, email), { unique: 'itself' })),
  channels: list(construct(cloud, 'NotificationChannel', `take ${cloud}.NotificationChannel.from…`), {
    unique: 'itself',
  }),
});

export const alarms = (cloud: string): Schema<AlarmProps> => ({
  ...notification(cloud),
  p99LatencyMs: number({ min: 1 }),
  errorPercent: number({ min: 0.01, max: 100 }),
  atMaximumMinutes: literal(integer({ min: 1, max: 1380 })),
});

export const endpointAlarms = (cloud: string): Schema<EndpointAlarmProps> => ({
  ...alarms(cloud),
  noCapacity: flag,
  captureSilentMinutes: literal(integer({ min: 15, max: 720, step: 5 })),
});

export const trainingAlarms = (cloud: string): Schema<TrainingAlarmProps> => ({
  ...notification(cloud),
  jobFailed: flag,
  noCapacityMinutes: literal(integer({ min: 5, max: 10080 })),
});
