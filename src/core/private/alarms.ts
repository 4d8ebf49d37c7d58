import type { AlarmProps, EndpointAlarmProps, NotificationProps, TrainingAlarmProps } from '../alarms';
import type { CaptureProps, ScalingProps } from '../auto-scaling-endpoint';
import { isScaled } from './endpoints';
import { Faults } from './faults';

/** The props that name somebody to tell, where they name anybody. */
export const tellers = ({ notify, channels }: NotificationProps) =>
  Object.entries({ notify, channels }).flatMap(([prop, who]) => (who?.length ? [`alarms.${prop}`] : []));

/** Whether there is somebody to tell. */
export const tellsAnybody = ({ notify = [], channels = [] }: NotificationProps): boolean =>
  notify.length + channels.length > 0;

const isAsked = (value: unknown) => value !== undefined && value !== false;

/** Somebody to tell needs something to watch: one of `watching`. */
function judgeTold<T extends NotificationProps>(alarms: T, watching: (keyof T & string)[], faults: Faults) {
  if (!watching.some((one) => isAsked(alarms[one]))) {
    const ways = watching.map((one) => `alarms.${one}`).join(' or ');
    tellers(alarms).forEach((prop) => faults.add('CMC-009', prop, `needs ${ways}: nothing is watched`));
  }
}

/** Judges the alarms of a serverless inference. */
export function judgeAlarms(alarms: AlarmProps = {}, faults: Faults): void {
  judgeTold(alarms, ['p99LatencyMs', 'errorPercent', 'atMaximumMinutes'], faults);
}

/** Judges the alarms of an endpoint by what else it is. */
export function judgeEndpointAlarms(
  {
    alarms = {},
    scaling,
    capture,
  }: {
    readonly alarms?: EndpointAlarmProps;
    readonly scaling?: ScalingProps;
    readonly capture?: CaptureProps;
  },
  faults: Faults,
): void {
  judgeTold(
    alarms,
    ['p99LatencyMs', 'errorPercent', 'atMaximumMinutes', 'noCapacity', 'captureSilentMinutes'],
    faults,
  );
  for (const prop of ['atMaximumMinutes', 'noCapacity'] as const) {
    if (isAsked(alarms[prop]) && !isScaled(scaling)) {
      faults.add(
        'CMC-009',
        `alarms.${prop}`,
        'needs scaling with maxInstances and something to scale by: without it the number of machines never changes',
      );
    }
  }
  if (isAsked(alarms.captureSilentMinutes) && !capture) {
    faults.add('CMC-009', 'alarms.captureSilentMinutes', 'needs capture: nothing is kept');
  }
  if (alarms.noCapacity && tellers(alarms).length === 0) {
    faults.add(
      'CMC-009',
      'alarms.noCapacity',
      'needs alarms.notify or alarms.channels: nobody would be told',
    );
  }
}

/** Judges the alarms of a cluster. */
export function judgeTrainingAlarms(alarms: TrainingAlarmProps | undefined, faults: Faults): void {
  if (alarms && tellers(alarms).length === 0) {
    faults.add('CMC-009', 'alarms', 'needs alarms.notify or alarms.channels: nobody would be told');
  }
  if (alarms?.jobFailed === false && alarms.noCapacityMinutes === undefined) {
    faults.add('CMC-009', 'alarms', 'needs alarms.jobFailed or alarms.noCapacityMinutes: nothing is watched');
  }
}

/** Whether an address of `notify` is called; others are mailed. */
export const isWebhook = (address: string): boolean => /^https:/i.test(address);

/** Whom alarms tell, in words. */
export const toldOf = ({ notify = [], channels = [] }: NotificationProps): string =>
  [...notify, ...channels.map(({ node }) => node.path)].join(', ') || 'nobody';
