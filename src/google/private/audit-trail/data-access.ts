import { DataGoogleProjectIamPolicy } from '@cdktf/provider-google/lib/data-google-project-iam-policy';
import { ProjectIamAuditConfig } from '@cdktf/provider-google/lib/project-iam-audit-config';
import { TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { report } from '../../../core/private/report';
import { once, placeOf } from '../place';

/** The id of what turns on the logs is part of the API: it decides its address. */
const DATA_ACCESS_LOGS = 'MlDataAccessLogs';

const STORAGE = 'storage.googleapis.com';
const LOG_TYPES = ['DATA_READ', 'DATA_WRITE'];

/**
 * Turns on the Data Access logs of Cloud Storage, which a project has on for all of its buckets or for none. The audit
 * configuration of a service is one, and whoever sets it replaces it: a project that has another one already stops the
 * plan, and is left alone.
 */
class DataAccessConfig extends Construct {
  public readonly config: ProjectIamAuditConfig;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { project } = placeOf(this);
    const policy = new DataGoogleProjectIamPolicy(this, 'Policy', { project });
    this.config = new ProjectIamAuditConfig(this, 'Config', {
      project,
      service: STORAGE,
      auditLogConfig: LOG_TYPES.map((logType) => ({ logType })),
      lifecycle: {
        precondition: [
          {
            condition: noneOrOurs(policy.fqn),
            errorMessage: `Project ${project} has an audit configuration of Cloud Storage, which is left alone: see that it holds DATA_READ and DATA_WRITE, and give the trail dataAccessLogs: DataAccessLogs.EXISTING.`,
          },
        ],
      },
    });
    this.node.defaultChild = this.config;
    report(
      this,
      'note',
      'Data Access logs of Cloud Storage',
      `On for every bucket of ${project}, and off when the stack goes. Entries go to the log bucket _Default besides, and bill; downloads from storage.cloud.google.com, which no log can tell who makes, are refused.`,
    );
  }
}

/** Whether a project has no audit configuration of Cloud Storage, or the one that is set here. */
const noneOrOurs = (policy: string): string =>
  `\${alltrue([for one in try(jsondecode(${policy}.policy_data).auditConfigs, []) : one.service != "${STORAGE}" || (join(",", sort(one.auditLogConfigs[*].logType)) == "${LOG_TYPES.join(',')}" && length(flatten([for log in one.auditLogConfigs : try(log.exemptedMembers, [])])) == 0)])}`;

/** Turns on the Data Access logs of Cloud Storage in the project of a construct, once per stack. */
export function turnOnDataAccessLogs(construct: IConstruct): ProjectIamAuditConfig {
  const stack = TerraformStack.of(construct);
  return once(stack, DATA_ACCESS_LOGS, () => new DataAccessConfig(stack, DATA_ACCESS_LOGS)).config;
}
