import { mark } from '../core/private/brand';
import { judgeValue } from '../core/private/faults';
import { judgeProps, literal, struct, text } from '../core/private/schema';

/** Options of training on Azure Kubernetes Service. */
export interface AksEngineOptions {
  /**
   * The resource id of a cluster that exists already: with workload identity and its OIDC issuer, with run command, and
   * without integration of Microsoft Entra ID, which a workflow cannot sign in to. `network` is then the one that it is
   * in, if that is your own.
   *
   * @default - one for each network of a stack, made on first need: private, with one small machine for its own services
   */
  readonly clusterId?: string;
}

/** The service that runs training jobs. */
export class TrainingEngine {
  /** Jobs of Azure Machine Learning on a compute cluster of its own. The default. */
  public static azureMl(): TrainingEngine {
    return new TrainingEngine('azure-ml');
  }

  /**
   * Jobs of Kubernetes on machines of Azure Kubernetes Service, which exist while jobs run: for elastic jobs, disks of
   * your size, capacity reservations, and for teams that run Ray or Kueue on the same machines.
   *
   * Whoever submits chooses command, nodes and run, as with every engine: a workflow makes the job by the run command
   * of AKS, and they have no right in Kubernetes. Who has one there by other ways, such as the run command itself, may
   * run anything as the cluster's identity. A workflow cannot sign in to Microsoft Entra ID for the run command, so the
   * cluster has accounts of its own; roles of Azure say who may read them, and its address is private.
   *
   * @param options which cluster
   */
  public static aks(options: AksEngineOptions = {}): TrainingEngine {
    judgeValue('TrainingEngine.aks', (faults) =>
      judgeProps(
        faults,
        struct<AksEngineOptions>({
          clusterId: literal(
            text({
              pattern:
                /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/,
              means: 'the resource id of a cluster: /subscriptions/…/managedClusters/…',
            }),
          ),
        }),
        options,
      ),
    );
    return new TrainingEngine('aks', options);
  }

  private constructor(
    /** `azure-ml` or `aks`. */
    public readonly engineName: string,
    /** @internal */
    public readonly _aks?: AksEngineOptions,
  ) {
    mark(this, 'azure.TrainingEngine');
  }
}
