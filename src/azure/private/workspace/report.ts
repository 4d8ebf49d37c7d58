import { WorkspacePlan } from './judge';
import { report } from '../../../core/private/report';
import type { Workspace, WorkspaceProps } from '../../workspace';

/** The report: what was chosen, what bills, which commands come next. */
export function tellWorkspace(workspace: Workspace, props: WorkspaceProps, plan: WorkspacePlan): void {
  const { choice, idleShutdownMinutes } = plan;
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : props.machineType
      ? 'given by machineType'
      : 'the usual one of general use';
  report(workspace, 'choice', 'Machine type', `${choice.type}: ${asked}.`);
  report(
    workspace,
    'idle-cost',
    'Notebooks',
    `Each notebook bills for its machine from its making until it was idle for ${idleShutdownMinutes} minutes, and for its system disk and the address of its load balancer always.`,
  );
  for (const user of workspace.userNames) {
    report(workspace, 'command', `Start and open the notebook of ${user}`, workspace.openCommand(user));
  }
  report(
    workspace,
    'note',
    'Homes',
    'Homes are folders of the file share of the Azure ML workspace, which all of its users see. What is written to the disk of a machine is gone when a change makes a new one.',
  );
  report(
    workspace,
    'note',
    'Quota',
    `Azure ML has a quota in vCPU for each VM family, often 0 at first for those with accelerators: ask for ${workspace.userNames.length} of ${choice.type} in the quota page of Azure ML; a change takes as much again for a while.`,
  );
}
