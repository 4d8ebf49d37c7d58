import { mark } from '../core/private/brand';
import { judgeValue } from '../core/private/faults';
import { judgeProps, list, literal, required, struct, text } from '../core/private/schema';

/** A GKE cluster that exists already: a Standard one with Workload Identity Federation, in the project of the stack. */
export interface GkeClusterReference {
  /** Its name. */
  readonly clusterName: string;

  /**
   * Its region, or its zone.
   *
   * @default - the region of the stack
   */
  readonly location?: string;
}

/** Options of training on Google Kubernetes Engine. */
export interface GkeEngineOptions {
  /**
   * The cluster that gets the machines. Its network is theirs, so `network` is left out then.
   *
   * @default - one for each network of a stack, made on first need: private, with one small machine for its own services
   */
  readonly cluster?: GkeClusterReference;

  /**
   * The zones of the machines, which must have the accelerators: `europe-west4-a`. Nodes of a job are nearest to each
   * other in one zone.
   *
   * @default - that of a reservation, else those of the cluster
   */
  readonly zones?: string[];
}

const ZONE = text({ pattern: /^[a-z]+-[a-z]+\d+-[a-z]$/, means: 'a zone such as europe-west4-a' });

/** The service that runs training jobs. */
export class TrainingEngine {
  /** Custom jobs of Vertex AI, with nothing to keep in a project. The default. */
  public static vertexAi(): TrainingEngine {
    return new TrainingEngine('vertex-ai');
  }

  /**
   * Jobs of Kubernetes on machines of Google Kubernetes Engine, which exist while jobs run: for elastic jobs, shared
   * memory, and for teams that run Ray or Kueue on the same machines.
   *
   * Whoever submits chooses command, nodes and run, as with every engine: a workflow makes the job, and they have no
   * right in Kubernetes. Who has one there by other ways, such as `roles/container.developer`, may run anything as the
   * cluster's identity.
   *
   * @param options which cluster and which zones
   */
  public static gke(options: GkeEngineOptions = {}): TrainingEngine {
    judgeValue('TrainingEngine.gke', (faults) =>
      judgeProps(
        faults,
        struct<GkeEngineOptions>({
          cluster: struct<GkeClusterReference>({
            clusterName: required(
              text({ pattern: /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, means: 'the name of a cluster' }),
            ),
            location: text({
              pattern: /^[a-z]+-[a-z]+\d+(-[a-z])?$/,
              means: 'a region or a zone, such as europe-west4',
            }),
          }),
          zones: list(literal(ZONE), { min: 1, unique: 'itself' }),
        }),
        options,
      ),
    );
    return new TrainingEngine('gke', options);
  }

  private constructor(
    /** `vertex-ai` or `gke`. */
    public readonly engineName: string,
    /** @internal */
    public readonly _gke?: GkeEngineOptions,
  ) {
    mark(this, 'google.TrainingEngine');
  }
}
