import { CommonProps, ISecret, IWorkload, RetentionProps } from './common';
import { ContainerImage } from './container';
import { IDataset } from './data-lake';
import { IGpuTrainingCluster } from './gpu-training-cluster';

/** What a user works with in the browser. */
export enum WorkspaceEditor {
  /** JupyterLab. */
  JUPYTERLAB = 'jupyterlab',
  /** Visual Studio Code, or the service's edition of it. */
  VS_CODE = 'vscode',
  /** RStudio. */
  RSTUDIO = 'rstudio',
}

/** Notebooks for the members of a team. */
export interface IWorkspace extends IWorkload {
  /** The names of the users, in their order. */
  readonly userNames: string[];

  /**
   * The shell command that prints the address of a user's notebook.
   *
   * @param user the user's name
   * @throws ValidationError for a name that was not declared
   */
  openCommand(user: string): string;

  /**
   * Lets a workload open notebooks, such as a portal that hands out their addresses: those of every user on AWS, those
   * of users without `principalId` on Google Cloud. On Azure only the person of `principalId` can.
   *
   * @param workload who opens them
   * @throws ValidationError where the service opens a notebook for its own person only
   */
  grantOpen(workload: IWorkload): void;
}

/** One user of a workspace. */
export interface WorkspaceUserProps {
  /** The user's name: lower-case letters, digits and `-`, 2 to 24 characters, first a letter, last no `-`. */
  readonly name: string;

  /**
   * The person, who may open the notebook: on AWS the ARN of an IAM role or user of the same account, on Google Cloud
   * an e-mail, on Azure the object id of a user in Microsoft Entra ID.
   *
   * @default - whoever is granted to open it; on Azure it is required
   */
  readonly principalId?: string;
}

/** Props of a workspace on every cloud. */
export interface WorkspaceProps extends CommonProps, RetentionProps {
  /** Who works there, at least one: each gets a notebook of his own, with a disk of his own. */
  readonly users: WorkspaceUserProps[];

  /**
   * What users work with.
   *
   * @default WorkspaceEditor.JUPYTERLAB
   */
  readonly editor?: WorkspaceEditor;

  /**
   * The image that notebooks run in, such as the one of training jobs with the editor added: an image declared by a
   * registry (`registry.image('train', '3')`), or the address of one that the service can pull.
   *
   * @default - the service's own
   */
  readonly image?: string | ContainerImage;

  /**
   * Data that notebooks may read, found as `DATASET_<NAME>_URI`, where NAME is a zone's name in upper case.
   *
   * @default - none
   */
  readonly datasets?: IDataset[];

  /**
   * The training cluster whose jobs users may start. Notebooks find its command as `SUBMIT_COMMAND`.
   *
   * @default - none
   */
  readonly cluster?: IGpuTrainingCluster;

  /**
   * Accelerators of each notebook as `NAME[:COUNT]`, alternatives in the order of preference: the first one that this
   * cloud's service offers is taken.
   *
   * @default - those of `machineType`
   */
  readonly accelerators?: string[];

  /**
   * The machine type, by the cloud's own name, instead of `accelerators`.
   *
   * @default - the smallest one with the `accelerators`; without them `ml.t3.medium` on AWS, `e2-standard-4` on Google
   * Cloud, `Standard_DS3_v2` on Azure
   */
  readonly machineType?: string;

  /**
   * Disk of each user's home in GiB. Azure keeps homes on a file share that grows, and takes none.
   *
   * @default 100
   */
  readonly diskGiB?: number;

  /**
   * Minutes without use after which a notebook's machine is stopped, and bills no more. The home stays. AWS takes 60 to
   * 525600, Google Cloud 10 to 1440, Azure 15 to 4320.
   *
   * @default 60
   */
  readonly idleShutdownMinutes?: number;

  /**
   * Environment variables of notebooks and their terminals. Names are letters, digits and `_`, first no digit.
   *
   * @default - none but those of the platform
   */
  readonly environment?: { [name: string]: string };

  /**
   * Secrets that notebooks may read, by reference: the identifier of the one asked for as NAME is in `NAME_SECRET_ID`.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: ISecret };
}
