import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { toldOf } from '../../../core/private/alarms';
import { report } from '../../../core/private/report';
import { metricAlarm } from '../metric-alarm';
import { toldGroups } from '../notifications';

/** What tells people of jobs. */
export interface TrainingAlarms {
  readonly alarms: TerraformResource[];
  readonly group?: MonitorActionGroup;
}

/** The alarms that were asked for, over the runs of a workflow. */
export function trainingAlarms(
  cluster: Construct,
  workflowId: string,
  alarms: core.TrainingAlarmProps | undefined,
): TrainingAlarms {
  if (!alarms) {
    return { alarms: [] };
  }
  const { group, groupIds } = toldGroups(cluster, 'ml-training', alarms);
  report(cluster, 'note', 'Alarms', `Jobs are told to ${toldOf(alarms)}.`);
  return {
    group,
    alarms: [
      metricAlarm(cluster, 'JobFailedAlarm', {
        resourceId: workflowId,
        namespace: 'Microsoft.Logic/workflows',
        metric: 'RunsFailed',
        aggregation: 'Total',
        operator: 'GreaterThan',
        threshold: 0,
        minutes: 5,
        description: 'A training job failed or ran out of time, within 5 minutes',
        groupIds,
      }),
    ],
  };
}
