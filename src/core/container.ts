import { ISecret } from './common';
import { DeployParameter } from './deploy-parameter';
import { IModelRegistry } from './model-registry';
import { mark } from './private/brand';

/** An image that a model registry declared, made by `registry.image(name, tag)`. */
export class ContainerImage {
  /**
   * @param registry who declared it
   * @param name the repository's declared name
   * @param tag the tag, or the parameter that gives it at deployment
   */
  public constructor(
    public readonly registry: IModelRegistry,
    public readonly name: string,
    public readonly tag: string | DeployParameter,
  ) {
    mark(this, 'ContainerImage');
  }
}

/** One version of a registered model, made by `registry.model(name).version(v)`. */
export class ModelVersion {
  /**
   * @param registry who holds it
   * @param model the model's name
   * @param version the version, or the parameter that gives it at deployment
   */
  public constructor(
    public readonly registry: IModelRegistry,
    public readonly model: string,
    public readonly version: string | DeployParameter,
  ) {
    mark(this, 'ModelVersion');
  }
}

/**
 * A container that serves predictions. It listens on `port`, ignores the argument `serve`, answers `healthPath` with
 * 200 when it is ready, and finds model files in the directory `MODEL_DIR` where the platform mounts them, else it
 * fetches them from `MODEL_URI`. How many accelerators its machine has is in `ACCELERATOR_COUNT`, which is not set where it
 * has none or a pinned machine type is not known. What a service fixes is refused there with the reason.
 */
export interface ServingContainer {
  /** An image declared by a registry (`registry.image('serve', '7')`), or the address of one that the service can pull. */
  readonly image: string | ContainerImage;

  /**
   * The program to run instead of the image's own.
   *
   * @default - the image's own
   */
  readonly command?: string[];

  /**
   * Arguments of the program.
   *
   * @default - the image's own
   */
  readonly args?: string[];

  /**
   * The port that the container listens on.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * The path that says whether it is ready.
   *
   * @default /ping
   */
  readonly healthPath?: string;

  /**
   * The path that predictions are posted to.
   *
   * @default /invocations
   */
  readonly predictPath?: string;

  /**
   * Environment variables. Names are letters, digits and `_`, first no digit.
   *
   * @default - none but those of the platform
   */
  readonly environment?: { [name: string]: string };

  /**
   * Environment variables whose values are secrets, by reference: NAME, or `NAME_SECRET_ID` with the identifier of the
   * secret where the service injects no values.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: ISecret };

  /**
   * Shared memory (`/dev/shm`) in MiB.
   *
   * @default - what the service gives
   */
  readonly sharedMemoryMiB?: number;

  /**
   * Seconds that the container may take to become ready.
   *
   * @default - 600, or less where the service allows no more
   */
  readonly startupTimeoutSeconds?: number;

  /**
   * Seconds that a request may take.
   *
   * @default - 60
   */
  readonly requestTimeoutSeconds?: number;
}
