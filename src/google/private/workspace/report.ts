import { WorkspacePlan } from './judge';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { Workspace, WorkspaceProps } from '../../workspace';
import { needCompute } from '../quotas';

/** The report: what was chosen, what bills, which commands come next. */
export function tellWorkspace(workspace: Workspace, props: WorkspaceProps, plan: WorkspacePlan): void {
  const { choice, diskGiB, idleShutdownMinutes } = plan;
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
    `Each notebook bills for its machine from its making until it was idle for ${idleShutdownMinutes} minutes, and for its disks of 150 and ${diskGiB} GiB always.`,
  );
  for (const user of workspace.userNames) {
    report(workspace, 'command', `Start and open the notebook of ${user}`, workspace.openCommand(user));
  }
  if (!props.network) {
    report(
      workspace,
      'note',
      'Network',
      'Without network, notebooks get one of their own that reaches the services of Google, and no packages of the internet: give a PrivateNetwork with internetEgress for those.',
    );
  }
  needCompute(workspace, choice.machine, undefined, countOf(workspace.userNames.length, 1));
}
