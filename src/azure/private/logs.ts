import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { LogAnalyticsWorkspaceTable } from '@cdktf/provider-azurerm/lib/log-analytics-workspace-table';
import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { nameOf, NAMES } from './names';
import { homeOf } from './resource-group';
import { settled } from './roles';
import { show } from '../../core/private/faults';
import { profileOf, reportProfile } from '../../core/private/profile';
import { Rule } from '../../core/private/schema';
import { isToken } from '../../core/private/tokens';

/** Days that tables of Log Analytics are kept beyond two years. */
const YEARS = [1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383];

/** Azure keeps logs at least 30 days; beyond 730 it takes whole years. 2557, seven years elsewhere, is 2556 here. */
export const logRetentionRule: Rule = (value, prop, faults) => {
  const days = value as number;
  if (typeof value !== 'number') {
    faults.add('CMC-003', prop, `(${show(value)}) must be a whole number of days`);
  } else if (!(Number.isInteger(days) && days >= 30 && days <= 730) && ![...YEARS, 2557].includes(days)) {
    faults.add('CMC-005', prop, `(${show(value)}) must be from 30 to 730, or one of ${YEARS.join(', ')}`);
  }
};

/** The days that a construct's logs are kept. */
export function logRetentionDays(construct: IConstruct, given?: number): number {
  const days = given ?? profileOf(construct).logRetentionDays;
  return days === 2557 ? 2556 : days;
}

export interface LogOptions {
  readonly logRetentionDays?: number;
  /** The tables that the logs are in: those are kept as long as `logRetentionDays` says, where that is above 730. */
  readonly tables: string[];
}

/** A Log Analytics workspace of a construct's own, with its own retention. Without logs it costs nothing. */
export function logWorkspace(scope: Construct, id: string, options: LogOptions): LogAnalyticsWorkspace {
  const holder = new Construct(scope, id);
  const days = logRetentionDays(scope, options.logRetentionDays);
  const workspace = new LogAnalyticsWorkspace(holder, 'Workspace', {
    ...homeOf(scope),
    name: nameOf(holder, NAMES.logWorkspace),
    sku: 'PerGB2018',
    retentionInDays: isToken(days) ? days : Math.min(days, 730),
    localAuthenticationEnabled: false,
  });
  holder.node.defaultChild = workspace;
  if (!isToken(days) && days > 730) {
    // A workspace has its tables only a while after it was made: 'Workspace not active'.
    const active = settled(holder, 'Active', [workspace]);
    options.tables.forEach(
      (table) =>
        new LogAnalyticsWorkspaceTable(holder, `Table-${table}`, {
          workspaceId: workspace.id,
          name: table,
          totalRetentionInDays: days,
          dependsOn: [active],
        }),
    );
  }
  return workspace;
}

/** The id of a stack's access logs is part of the API: it decides their address. */
const ACCESS_LOGS = 'MlAccessLogs';

/** Where the access logs of all storage of a stack go. */
export function accessLogs(construct: IConstruct): LogAnalyticsWorkspace {
  const stack = TerraformStack.of(construct);
  const found = stack.node.tryFindChild(ACCESS_LOGS)?.node.defaultChild as LogAnalyticsWorkspace | undefined;
  if (found) {
    return found;
  }
  reportProfile(stack);
  return logWorkspace(stack, ACCESS_LOGS, {
    logRetentionDays: profileOf(stack).accessLogRetentionDays,
    tables: ['StorageBlobLogs'],
  });
}

/** Sends logs of a resource to a Log Analytics workspace. */
export function sendLogs(
  scope: Construct,
  id: string,
  { resourceId, workspaceId, logs }: { resourceId: string; workspaceId: string; logs: object[] },
): MonitorDiagnosticSetting {
  return new MonitorDiagnosticSetting(scope, id, {
    name: 'ml-logs',
    targetResourceId: resourceId,
    logAnalyticsWorkspaceId: workspaceId,
    enabledLog: logs,
  });
}
