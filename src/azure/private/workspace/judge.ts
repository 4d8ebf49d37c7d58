import { IConstruct } from 'constructs';
import { planDatasets } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment } from '../../../core/private/jobs';
import { MachineChoice, machineFor } from '../../../core/private/machines';
import { workspaceRules, workspaceUser } from '../../../core/private/rules/workspace';
import { integer, judgeProps, literal, required, Schema, struct, text } from '../../../core/private/schema';
import { secretVariable } from '../../../core/private/secrets';
import { SUBMIT_VARIABLE, usedByWorkspace } from '../../../core/private/workspace';
import type { WorkspaceProps } from '../../workspace';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { ML_INSTANCE } from '../machines';
import { judgePrivacy } from '../private-access';

/** An editor as a compute instance has it. */
export interface InstanceApp {
  readonly title: string;
  /** The port that an image of it listens on; none where no image runs it. */
  readonly port?: number;
}

const APPS = {
  jupyterlab: { title: 'JupyterLab', port: 8888 },
  vscode: { title: 'VS Code' },
  rstudio: { title: 'RStudio', port: 8787 },
} as const satisfies { [editor: string]: InstanceApp };

/** What the props of a workspace mean. */
export interface WorkspacePlan {
  readonly choice: MachineChoice;
  readonly app: InstanceApp;
  readonly idleShutdownMinutes: number;
  readonly datasetVariables: Record<string, string>;
}

const SCHEMA: Schema<WorkspaceProps> = {
  ...workspaceRules(CLOUD, {
    ...workspaceUser,
    principalId: required(
      text({
        pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        means: 'the object id of a user in Microsoft Entra ID: a GUID',
      }),
    ),
  }),
  // They become parts of durations and expressions.
  idleShutdownMinutes: literal(integer({ min: 15, max: 4320 })),
  stopHourUtc: literal(integer({ min: 0, max: 23 })),
};

export function judgeWorkspace(workspace: IConstruct, props: WorkspaceProps, faults: Faults): WorkspacePlan {
  judgeProps(faults, struct(SCHEMA), props);
  const editor = (props.editor as keyof typeof APPS | undefined) ?? 'jupyterlab';
  const app: InstanceApp = APPS[editor] ?? APPS.jupyterlab;
  if (faults.none) {
    usesAll(workspace, usedByWorkspace(props), faults);
    judgePrivacy(workspace, props.network, faults);
    if (props.image !== undefined) {
      judgeImage(workspace, props.image, 'image', faults);
    }
  }
  judgeLacks(props, editor, app, faults);
  return {
    choice: machineFor(props, ML_INSTANCE, faults)!,
    app,
    idleShutdownMinutes: props.idleShutdownMinutes ?? 60,
    datasetVariables: judgeJobEnvironment(
      props,
      planDatasets(props.datasets, faults),
      { title: 'the workspace', reserved: [SUBMIT_VARIABLE, 'AZURE_CLIENT_ID'], secretVariable },
      faults,
    ),
  };
}

function judgeLacks(
  { image, diskGiB }: WorkspaceProps,
  editor: string,
  { port }: InstanceApp,
  faults: Faults,
): void {
  if (diskGiB !== undefined) {
    faults.add(
      'CMC-040',
      'diskGiB',
      'cannot be set on Azure ML, which keeps homes on a file share that grows: leave it out',
    );
  }
  if (editor === 'rstudio' && image === undefined) {
    faults.add(
      'CMC-009',
      'editor',
      'is RSTUDIO, which needs an image that runs RStudio at port 8787: Azure ML has none of its own',
    );
  }
  if (image !== undefined && !port) {
    faults.add(
      'CMC-040',
      'image',
      'is for the browser, where VS Code works on the machine itself: leave image out, and train in it with cluster',
    );
  }
}
