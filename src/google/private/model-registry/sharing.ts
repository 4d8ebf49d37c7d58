import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { text } from '../../../terraform/text';
import { apis } from '../apis';
import { toldChannels } from '../notifications';
import { projectNumber } from '../place';

/** The members that stand for all service accounts of projects. */
export const membersOf = (registry: Construct, projects: string[] = []): string[] =>
  projects.map(
    (project) =>
      `principalSet://cloudresourcemanager.googleapis.com/projects/${projectNumber(registry, project)}/type/ServiceAccount`,
  );

/** Tells changes of aliases, which are what approvals are; the audit log of Vertex AI has them, always on. */
export function tellApprovals(registry: Construct, models: string[], told: core.NotificationProps): void {
  const scope = new Construct(registry, 'Approvals');
  const { names } = toldChannels(scope, told, 'Approvals: ');
  const ids = models.map((model) => model.split('/').pop()).join('|');
  const policy = new MonitoringAlertPolicy(scope, 'Changed', {
    displayName: text(`Approvals of models: ${registry.node.path}`),
    combiner: 'OR',
    conditions: [
      {
        displayName: 'A version was approved, or its approval was taken back',
        conditionMatchedLog: {
          filter: [
            'protoPayload.serviceName="aiplatform.googleapis.com"',
            'protoPayload.methodName=~"ModelService.MergeVersionAliases$"',
            `protoPayload.resourceName=~"/models/(${ids})(@|$)"`,
          ].join(' AND '),
        },
      },
    ],
    alertStrategy: { notificationRateLimit: { period: '300s' } },
    notificationChannels: names,
    dependsOn: apis(registry, 'monitoring', 'logging'),
  });
  scope.node.defaultChild = policy;
}
