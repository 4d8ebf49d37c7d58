import { MonitorMetricAlert } from '@cdktf/provider-azurerm/lib/monitor-metric-alert';
import { Construct } from 'constructs';
import { nameOf } from './names';
import { homeOf } from './resource-group';
import { Faults, show } from '../../core/private/faults';
import { text } from '../../terraform/text';

/** Minutes that Azure Monitor looks back. */
const WINDOWS = [1, 5, 15, 30, 60, 360, 720];

/** Judges minutes that an alarm is to look back. */
export function judgeWindow(minutes: number | undefined, prop: string, faults: Faults): void {
  if (minutes !== undefined && !WINDOWS.includes(minutes)) {
    faults.add(
      'CMC-005',
      prop,
      `(${show(minutes)}) must be one of ${WINDOWS.join(', ')}: Azure Monitor looks back no other time`,
    );
  }
}

export interface MetricAlarmProps {
  /** What has the metric. */
  readonly resourceId: string;
  readonly namespace: string;
  readonly metric: string;
  readonly aggregation: 'Average' | 'Minimum' | 'Total';
  readonly operator: 'GreaterThan' | 'GreaterThanOrEqual';
  readonly threshold: number;
  readonly minutes: number;
  readonly description: string;
  readonly groupIds: string[];
}

/** An alarm over a metric of Azure Monitor; a time without values is quiet. */
export function metricAlarm(scope: Construct, id: string, props: MetricAlarmProps): MonitorMetricAlert {
  const holder = new Construct(scope, id);
  const { minutes } = props;
  return new MonitorMetricAlert(holder, 'Alert', {
    resourceGroupName: homeOf(scope).resourceGroupName,
    name: nameOf(holder, { maxLength: 100 }),
    description: text(`${props.description}: ${scope.node.path}`),
    severity: 2,
    scopes: [props.resourceId],
    frequency: minutes < 15 ? 'PT1M' : 'PT5M',
    windowSize: minutes < 60 ? `PT${minutes}M` : `PT${minutes / 60}H`,
    criteria: [
      {
        metricNamespace: props.namespace,
        metricName: props.metric,
        aggregation: props.aggregation,
        operator: props.operator,
        threshold: props.threshold,
      },
    ],
    action: props.groupIds.map((actionGroupId) => ({ actionGroupId })),
  });
}
