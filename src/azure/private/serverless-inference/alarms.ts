import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { metricAlarm } from '../metric-alarm';
import { toldGroups } from '../notifications';

export interface ServerlessAlarms {
  readonly alarms: TerraformResource[];
  readonly group?: MonitorActionGroup;
}

/** The alarms that were asked for. */
export function serverlessAlarms(
  scope: Construct,
  { appId, most }: { readonly appId: string; readonly most: number },
  alarms: core.AlarmProps = {},
): ServerlessAlarms {
  const { group, groupIds } = toldGroups(scope, 'ml-inference', alarms);
  const { atMaximumMinutes: minutes } = alarms;
  return {
    group,
    alarms:
      minutes === undefined
        ? []
        : [
            metricAlarm(scope, 'AtMaximumAlarm', {
              resourceId: appId,
              namespace: 'Microsoft.App/containerApps',
              metric: 'Replicas',
              aggregation: 'Minimum',
              operator: 'GreaterThanOrEqual',
              threshold: most,
              minutes,
              description: `As many instances as maxInstances allows, for ${minutes} minutes`,
              groupIds,
            }),
          ],
  };
}
