import { MonitorActivityLogAlert } from '@cdktf/provider-azurerm/lib/monitor-activity-log-alert';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { nameOf } from '../names';
import { toldGroups } from '../notifications';
import { homeOf } from '../resource-group';
import { Workspace } from '../workspace';

/**
 * Tells every change of a model's version, and so of its approval: each is a write of Azure's control plane, which its
 * activity log holds.
 */
export function notifyOfVersions(
  registry: Construct,
  workspace: Workspace,
  told: core.NotificationProps,
): void {
  const scope = new Construct(registry, 'Notifications');
  const { groupIds } = toldGroups(scope, 'ml-approval', told, 'Group');
  new MonitorActivityLogAlert(scope, 'Alert', {
    resourceGroupName: homeOf(registry).resourceGroupName,
    // Alerts of the activity log are of no region.
    location: 'global',
    name: nameOf(scope, { maxLength: 60 }),
    scopes: [workspace.id],
    criteria: {
      category: 'Administrative',
      operationName: 'Microsoft.MachineLearningServices/workspaces/models/versions/write',
      status: 'Succeeded',
    },
    action: groupIds.map((actionGroupId) => ({ actionGroupId })),
  });
}
