import { IConstruct } from 'constructs';
import { NotificationProps } from './alarms';
import { CommonProps, IWorkload, RetentionProps } from './common';
import { ContainerImage, ModelVersion } from './container';
import { DeployParameter } from './deploy-parameter';

/** A model in a registry. */
export class RegisteredModel {
  /**
   * @param registry who holds it
   * @param name the model's name
   */
  public constructor(
    public readonly registry: IModelRegistry,
    public readonly name: string,
  ) {}

  /**
   * One version of the model. Rolling back is deploying an earlier one.
   *
   * @param version the version as it was published, or the parameter that gives it at deployment
   */
  public version(version: string | DeployParameter): ModelVersion {
    return new ModelVersion(this.registry, this.name, version);
  }
}

/** A registry of models and of the images that train and serve them. */
export interface IModelRegistry extends IConstruct {
  /**
   * A declared model.
   *
   * @param name the model's name
   * @throws ValidationError for a name that was not declared
   */
  model(name: string): RegisteredModel;

  /**
   * An image of a declared repository.
   *
   * @param name the repository's declared name
   * @param tag the tag, or the parameter that gives it at deployment
   * @throws ValidationError for a name that was not declared
   */
  image(name: string, tag: string | DeployParameter): ContainerImage;

  /**
   * Lets a workload read models and pull images.
   *
   * @param workload who reads
   */
  grantRead(workload: IWorkload): void;

  /**
   * Lets a workload publish versions of models.
   *
   * @param workload who publishes
   */
  grantPublish(workload: IWorkload): void;

  /**
   * The shell commands that publish a version: upload its files and register it. The files are taken from the
   * directory or URI in the shell variable `MODEL_FILES`. A version of a model that requires approval waits for
   * `approveCommand`.
   *
   * @param model the model's name
   * @param version the version to publish
   * @param image the image that serves it
   */
  publishCommand(model: string, version: string, image: ContainerImage): string;

  /**
   * The shell command that approves a published version.
   *
   * @param model the model's name
   * @param version the version to approve
   */
  approveCommand(model: string, version: string): string;

  /**
   * The shell commands that build an image from the current directory and push it.
   *
   * @param image the repository's declared name
   * @param tag the tag to push
   */
  pushCommand(image: string, tag: string): string;
}

/** A model of a registry. */
export interface RegisteredModelProps {
  /** The model's name: lower-case letters, digits and `-`, 2 to 40 characters, first a letter, last no `-`. */
  readonly name: string;

  /**
   * Whether endpoints only deploy approved versions, where the service checks that (AWS); elsewhere the publish and
   * deploy commands check it.
   *
   * @default false
   */
  readonly approvalRequired?: boolean;
}

/** Props of a model registry on every cloud. Who is named in `notify` and `channels` is told of every change of an approval. */
export interface ModelRegistryProps extends CommonProps, RetentionProps, NotificationProps {
  /** The models, at least one. */
  readonly models: RegisteredModelProps[];

  /**
   * Names of image repositories: lower-case letters, digits and `-`, 2 to 40 characters, first a letter, last no
   * `-`. Scanned on push, tags immutable where the cloud has that.
   *
   * @default - none
   */
  readonly images?: string[];

  /**
   * Accounts (AWS), projects (Google Cloud) or subscriptions (Azure) that may read models and pull images.
   *
   * @default - only its own
   */
  readonly readers?: string[];

  /**
   * Accounts (AWS), projects (Google Cloud) or subscriptions (Azure) that may publish models and push images.
   *
   * @default - only its own
   */
  readonly publishers?: string[];
}
