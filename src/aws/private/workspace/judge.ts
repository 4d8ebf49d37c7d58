import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { planDatasets } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment } from '../../../core/private/jobs';
import { MachineChoice, machineFor } from '../../../core/private/machines';
import { isRegulated, judgeProfile } from '../../../core/private/profile';
import { workspaceRules, workspaceUser } from '../../../core/private/rules/workspace';
import { integer, judgeProps, literal, Schema, struct, text } from '../../../core/private/schema';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { SUBMIT_VARIABLE, usedByWorkspace } from '../../../core/private/workspace';
import type { WorkspaceProps } from '../../workspace';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { SAGEMAKER_STUDIO } from '../machines';

/** An editor as SageMaker names it. */
export interface StudioApp {
  readonly type: 'JupyterLab' | 'CodeEditor';
  readonly settings: 'jupyterLabAppSettings' | 'codeEditorAppSettings';
  readonly imageConfig: 'jupyterLabAppImageConfig' | 'codeEditorAppImageConfig';
}

const JUPYTERLAB: StudioApp = {
  type: 'JupyterLab',
  settings: 'jupyterLabAppSettings',
  imageConfig: 'jupyterLabAppImageConfig',
};
const CODE_EDITOR: StudioApp = {
  type: 'CodeEditor',
  settings: 'codeEditorAppSettings',
  imageConfig: 'codeEditorAppImageConfig',
};

/** What the props of a workspace mean. */
export interface WorkspacePlan {
  readonly choice: MachineChoice;
  readonly app: StudioApp;
  readonly diskGiB: number;
  readonly idleShutdownMinutes: number;
  readonly datasetVariables: Record<string, string>;
}

/** An IAM role or user, by its account, kind, path and name. */
const PRINCIPAL = /^arn:aws[a-z-]*:iam::(\d{12}):(role|user)\/([\w+=,.@/-]+)$/;

const SCHEMA: Schema<WorkspaceProps> = {
  ...workspaceRules(CLOUD, {
    ...workspaceUser,
    principalId: literal(text({ pattern: PRINCIPAL, means: 'the ARN of an IAM role or user' })),
  }),
  idleShutdownMinutes: integer({ min: 60, max: 525600 }),
};

export function judgeWorkspace(workspace: IConstruct, props: WorkspaceProps, faults: Faults): WorkspacePlan {
  judgeProps(faults, struct(SCHEMA), props);
  if (faults.none) {
    usesAll(workspace, usedByWorkspace(props), faults);
    if (props.image !== undefined) {
      judgeImage(workspace, props.image, 'image', faults);
    }
    judgePrincipals(workspace, props, faults);
  }
  if ((props.editor as string | undefined) === 'rstudio') {
    faults.add(
      'CMC-040',
      'editor',
      "is RSTUDIO, which SageMaker has with a licence of Posit's in AWS License Manager only: take JUPYTERLAB, whose images have an R kernel, or VS_CODE",
    );
  }
  judgeProfile(workspace, { network: props.network }, faults, 'notebooks have a way to the internet');
  const { diskGiB = 100, idleShutdownMinutes = 60 } = props;
  return {
    choice: machineFor(props, SAGEMAKER_STUDIO, faults)!,
    app: (props.editor as string | undefined) === 'vscode' ? CODE_EDITOR : JUPYTERLAB,
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

/** A person's permission is a policy attached to the role or user, which not everyone can do. */
function judgePrincipals(workspace: IConstruct, { users }: WorkspaceProps, faults: Faults): void {
  const { account } = Stack.of(workspace);
  users.forEach(({ principalId }, i) => {
    const [, owner, , name = ''] = PRINCIPAL.exec(principalId ?? '') ?? [];
    const prop = `users[${i}].principalId`;
    if (owner && !isToken(account) && owner !== account) {
      faults.add(
        'CMC-006',
        prop,
        `is of account ${owner}; it must be of the stack's, ${account}: let a role of this account be assumed`,
      );
    }
    if (owner && isRegulated(workspace) && !principalOf(principalId!).isRole) {
      faults.add(
        'CMC-006',
        prop,
        'must be the ARN of a role under SecurityProfile.REGULATED, where no user has policies of their own: let the user assume a role',
      );
    }
    if (name.startsWith('aws-reserved/')) {
      faults.add(
        'CMC-040',
        prop,
        'is a role of IAM Identity Center, which takes no policy from outside: leave it out, and put sagemaker:CreatePresignedDomainUrl into its permission set',
      );
    }
  });
}

/** Whose person is a role, whose a user of IAM. */
export function principalOf(principalId: string): { readonly isRole: boolean } {
  return { isRole: PRINCIPAL.exec(principalId)![2] === 'role' };
}
