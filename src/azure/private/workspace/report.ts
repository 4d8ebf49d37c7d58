import { WorkspacePlan } from './judge';
import { countOf, together } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { Workspace, WorkspaceProps } from '../../workspace';
import { needAzureMl } from '../quotas';

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
  const users = countOf(workspace.userNames.length, 1);
  // A change makes the new machines before the old ones are gone.
  needAzureMl(workspace, choice, undefined, together(users, users));
}
