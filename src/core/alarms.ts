import { IConstruct } from 'constructs';

/** Somewhere that alarms and approvals are told, made already: a topic on AWS, a notification channel on Google Cloud, an action group on Azure. */
export interface INotificationChannel extends IConstruct {
  /** The cloud's identifier of it. */
  readonly channelId: string;
}

/** Who is told. */
export interface NotificationProps {
  /**
   * E-mail addresses and `https://` addresses of webhooks that are told. Each e-mail address is asked to confirm once;
   * so is a webhook on AWS, by a POST. The addresses stand in the template and in the state: one that holds a user, a
   * password or a query parameter such as `token` is refused. A webhook whose path is secret belongs into `channels`.
   * An address that only deployment knows is taken for one of e-mail.
   *
   * @default - nobody
   */
  readonly notify?: string[];

  /**
   * What exists already, for pagers and chats, of the same cloud: `NotificationChannel.from…`.
   *
   * @default - none
   */
  readonly channels?: INotificationChannel[];
}

/** When people are told of something that serves, and when a rollout is taken back. */
export interface AlarmProps extends NotificationProps {
  /**
   * Milliseconds within which 99 of 100 requests are answered by the model, over 5 minutes.
   *
   * @default - not watched
   */
  readonly p99LatencyMs?: number;

  /**
   * Percent of requests that may fail because of the model or the service, over 5 minutes, from 0.01 to 100.
   *
   * @default - not watched
   */
  readonly errorPercent?: number;

  /**
   * Minutes without a break that it may run with as many instances as it can have, from 1 to 1380: what comes then is
   * slow or refused. Each variant of an endpoint is watched by itself. Azure takes 1, 5, 15, 30, 60, 360 and 720.
   *
   * @default - not watched
   */
  readonly atMaximumMinutes?: number;
}

/** When people are told of an endpoint, and when its rollout is taken back. */
export interface EndpointAlarmProps extends AlarmProps {
  /**
   * Whether it is told that the service did not give the machines that scaling asked for. Needs somebody to tell.
   *
   * @default false
   */
  readonly noCapacity?: boolean;

  /**
   * Minutes that `capture` may keep nothing while requests come, from 15 to 720 in steps of 5.
   *
   * @default - not watched
   */
  readonly captureSilentMinutes?: number;
}

/** When people are told of training jobs. Somebody to tell is required. */
export interface TrainingAlarmProps extends NotificationProps {
  /**
   * Whether each job is told that failed, was refused for its input, or ran out of time.
   *
   * @default true
   */
  readonly jobFailed?: boolean;

  /**
   * Minutes that a job may wait for machines, from 5 to 10080. The service is asked now and then: it is told up to
   * half an hour later.
   *
   * @default - not watched
   */
  readonly noCapacityMinutes?: number;
}
