import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';
import { WAITS } from './workflow';
import * as core from '../../../core';
import { toldOf } from '../../../core/private/alarms';
import { report } from '../../../core/private/report';
import { text } from '../../../terraform/text';
import { thresholdAlarm } from '../alarms';
import { apis } from '../apis';
import { toldChannels } from '../notifications';

/** What tells people of jobs. */
export interface TrainingAlarms {
  readonly alarms: MonitoringAlertPolicy[];
  readonly channels: MonitoringNotificationChannel[];
}

/** The alarms that were asked for, over the executions of a workflow. */
export function trainingAlarms(
  cluster: Construct,
  workflow: string,
  alarms: core.TrainingAlarmProps | undefined,
): TrainingAlarms {
  if (!alarms) {
    return { alarms: [], channels: [] };
  }
  const { jobFailed = true, noCapacityMinutes } = alarms;
  const { channels, names } = toldChannels(cluster, alarms);
  const ofWorkflow = `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${workflow}"`;
  const failed = () =>
    thresholdAlarm(cluster, 'JobFailedAlarm', 'A training job failed, or was refused for its input', names, {
      filter: `${ofWorkflow} AND metric.type="workflows.googleapis.com/finished_execution_count" AND metric.labels.status="FAILED"`,
      aggregations: [
        { alignmentPeriod: '300s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' },
      ],
      thresholdValue: 0,
    });
  const waits = () => {
    const displayName = `A training job has waited for machines for ${noCapacityMinutes} minutes`;
    return new MonitoringAlertPolicy(cluster, 'JobWaitsAlarm', {
      displayName: text(`${displayName}: ${cluster.node.path}`),
      combiner: 'OR',
      conditions: [
        {
          displayName,
          conditionMatchedLog: {
            filter: `${ofWorkflow} AND severity=WARNING AND jsonPayload.event="${WAITS}"`,
          },
        },
      ],
      alertStrategy: { notificationRateLimit: { period: '300s' }, autoClose: '1800s' },
      notificationChannels: names,
      dependsOn: apis(cluster, 'monitoring', 'logging'),
    });
  };
  report(cluster, 'note', 'Alarms', `Jobs are told to ${toldOf(alarms)}.`);
  return {
    channels,
    alarms: [...(jobFailed ? [failed()] : []), ...(noCapacityMinutes === undefined ? [] : [waits()])],
  };
}
