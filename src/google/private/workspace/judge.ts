import { IConstruct } from 'constructs';
import { planDatasets } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment } from '../../../core/private/jobs';
import { MachineChoice, machineFor } from '../../../core/private/machines';
import { workspaceRules, workspaceUser } from '../../../core/private/rules/workspace';
import { integer, judgeProps, literal, oneOf, Schema, struct, text } from '../../../core/private/schema';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { SUBMIT_VARIABLE, usedByWorkspace } from '../../../core/private/workspace';
import type { WorkspaceProps } from '../../workspace';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { WORKBENCH } from '../machines';

/** What the props of a workspace mean. */
export interface WorkspacePlan {
  readonly choice: MachineChoice;
  readonly diskGiB: number;
  readonly idleShutdownMinutes: number;
  readonly datasetVariables: Record<string, string>;
}

const RULES = workspaceRules(CLOUD, {
  ...workspaceUser,
  principalId: text({
    pattern: /^(?!.*\.gserviceaccount\.com$)[^@\s"'<>:]+@[^@\s"'<>:]+\.[^@\s"'<>:]+$/,
    means: 'the e-mail of a person',
  }),
});

const SCHEMA: Schema<WorkspaceProps> = {
  ...RULES,
  // They become texts.
  diskGiB: literal(RULES.diskGiB),
  idleShutdownMinutes: literal(integer({ min: 10, max: 1440 })),
  zone: literal(oneOf('a', 'b', 'c', 'd', 'e', 'f')),
};

export function judgeWorkspace(workspace: IConstruct, props: WorkspaceProps, faults: Faults): WorkspacePlan {
  judgeProps(faults, struct(SCHEMA), props);
  const { diskGiB = 100, idleShutdownMinutes = 60, image } = props;
  if (faults.none) {
    usesAll(workspace, usedByWorkspace(props), faults);
    if (image !== undefined) {
      judgeImage(workspace, image, 'image', faults);
    }
    if (typeof image === 'string' && !isToken(image) && image.includes('@')) {
      faults.add('CMC-040', 'image', 'names a digest; Vertex AI Workbench takes a tag: write image:tag');
    }
  }
  const editor = props.editor as string | undefined;
  if (editor === 'vscode' || editor === 'rstudio') {
    faults.add(
      'CMC-040',
      'editor',
      `is ${editor === 'vscode' ? 'VS_CODE' : 'RSTUDIO'}, which Vertex AI Workbench has not: take JUPYTERLAB, whose images have an R kernel, or make a workstation of Cloud Workstations`,
    );
  }
  return {
    choice: machineFor(props, WORKBENCH, faults)!,
    diskGiB,
    idleShutdownMinutes,
    datasetVariables: judgeJobEnvironment(
      props,
      planDatasets(props.datasets, faults),
      { title: 'the workspace', reserved: [SUBMIT_VARIABLE], secretVariable },
      faults,
    ),
  };
}
