import { WorkspacePlan } from './judge';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { Workspace, WorkspaceProps } from '../../workspace';
import { needStudio } from '../quotas';

/** The report: what was chosen, what bills, which commands come next. */
export function tellWorkspace(workspace: Workspace, props: WorkspaceProps, plan: WorkspacePlan): void {
  const { choice, diskGiB, idleShutdownMinutes, app } = plan;
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : props.machineType
      ? 'given by machineType'
      : 'the smallest of general use';
  report(workspace, 'choice', 'Machine type', `${choice.type}: ${asked}.`);
  report(
    workspace,
    'idle-cost',
    'Notebooks',
    `A notebook that was started bills for its machine until it was idle for ${idleShutdownMinutes} minutes; its disk of ${diskGiB} GiB bills always.`,
  );
  for (const user of workspace.userNames) {
    report(workspace, 'command', `Open the notebook of ${user}`, workspace.openCommand(user));
  }
  report(
    workspace,
    'note',
    'Starting',
    `The address opens Studio: under ${app.type} stands the space of the user, which Run starts.`,
  );
  if (!props.network) {
    report(
      workspace,
      'note',
      'Network',
      'Without network, notebooks reach the internet through a network of SageMaker; Studio asks for a VPC all the same, and gets one in which nothing runs.',
    );
  }
  needStudio(workspace, choice, app.type, countOf(workspace.userNames.length, 1));
}
