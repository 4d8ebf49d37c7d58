import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { MonitorActivityLogAlert } from '@cdktf/provider-azurerm/lib/monitor-activity-log-alert';
import { Construct } from 'constructs';
import { text } from '../../../terraform/text';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';
import { Workspace } from '../workspace';

/**
 * Mails every change of a model's version, and so of its approval: each is a write of Azure's control plane, which its
 * activity log holds.
 */
export function notifyOfVersions(registry: Construct, workspace: Workspace, emails: string[]): void {
  const scope = new Construct(registry, 'Notifications');
  const { resourceGroupName } = homeOf(registry);
  const group = new MonitorActionGroup(scope, 'Group', {
    resourceGroupName,
    name: nameOf(scope, { maxLength: 60 }),
    shortName: 'ml-approval',
    emailReceiver: emails.map((address, i) => ({
      name: `email-${i}`,
      emailAddress: text(address),
      useCommonAlertSchema: true,
    })),
  });
  new MonitorActivityLogAlert(scope, 'Alert', {
    resourceGroupName,
    // Alerts of the activity log are of no region.
    location: 'global',
    name: nameOf(scope, { maxLength: 60 }),
    scopes: [workspace.id],
    criteria: {
      category: 'Administrative',
      operationName: 'Microsoft.MachineLearningServices/workspaces/models/versions/write',
      status: 'Succeeded',
    },
    action: [{ actionGroupId: group.id }],
  });
}
