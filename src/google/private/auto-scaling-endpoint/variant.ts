import { ITerraformDependable, TerraformLocal } from 'cdktf';
import { Construct } from 'constructs';
import { containerSpec } from './container';
import { machineSpec } from './machine';
import { replicas } from './scaling';
import { immutableOperation, operation, UNDER_WAY } from './vertex';
import { VariantPlan } from './vertex-judge';
import * as core from '../../../core';
import { isToken } from '../../../core/private/tokens';
import { GenericResource } from '../../../terraform/generic';
import { text } from '../../../terraform/text';
import { ResolvedModel } from '../images';
import { numericName, physicalName } from '../names';
import { placeOf } from '../place';

/** What all variants of an endpoint share. */
export interface VariantOptions {
  /** The endpoint's name, by reference: what is deployed comes after it. */
  readonly endpointName: string;
  readonly email: string;
  readonly keyId?: string;
  readonly scaling?: core.ScalingProps;
  readonly capacity?: core.Capacity;
  readonly model?: ResolvedModel;
  /** What must stand before a container starts. */
  readonly ready: ITerraformDependable[];
}

/** A name that Terraform makes, once: it is used often, and other names are made of it. */
const named = (scope: Construct, id: string, name: string): string =>
  isToken(name) ? new TerraformLocal(scope, id, name).asString : name;

/** What of a deployment can be changed in place. */
const SCALED = ['minReplicaCount', 'maxReplicaCount', 'autoscalingMetricSpecs'];

/** One variant of an endpoint: its model and the deployment of it, replaced together and in that order. */
export class Variant extends Construct {
  public readonly model: GenericResource;
  public readonly deployment: GenericResource;
  /** Says how the deployment scales, at first and whenever that changes. */
  public readonly scaling: GenericResource;
  /** The deployment's id, which traffic is sent to. */
  public readonly deploymentId: string;

  constructor(
    scope: Construct,
    public readonly plan: VariantPlan,
    options: VariantOptions,
  ) {
    super(scope, `Variant-${plan.variant.name}`);
    const { project, region } = placeOf(this);
    const location = `/projects/${project}/locations/${region}`;
    const encryptionSpec = options.keyId && { encryptionSpec: { kmsKeyName: options.keyId } };
    const { variant, machine } = plan;

    const uploaded = {
      displayName: text(`${scope.node.id} ${variant.name}`.slice(0, 128)),
      ...(options.model && { artifactUri: options.model.uri }),
      containerSpec: containerSpec(this, variant.container, options.model, machine.machine),
      ...encryptionSpec,
    };
    const modelId = named(
      scope,
      `${this.node.id}-ModelId`,
      physicalName(this, { maxLength: 63, replacing: uploaded }),
    );
    const model = `${location}/models/${modelId}`;
    this.model = immutableOperation(this, 'Model', modelId, {
      arguments: {
        path: `${location}/models:upload`,
        method: 'POST',
        body: { modelId, model: uploaded },
        poll: UNDER_WAY,
        id_builder: model,
        delete_method: 'DELETE',
        delete_path: model,
        poll_delete: UNDER_WAY,
      },
      dependsOn: options.ready,
    });

    const { capacity } = options;
    const machines = {
      machineSpec: machineSpec(machine, capacity?.reservationId && text(capacity.reservationId)),
      ...(capacity?.kind === core.CapacityKind.SPOT && { spot: true }),
    };
    const deployed = { displayName: variant.name, model: model.slice(1), serviceAccount: options.email };
    const scaled = replicas(this, options.scaling);
    const endpoint = `${location}/endpoints/${options.endpointName}`;
    this.deploymentId = named(
      scope,
      `${this.node.id}-DeploymentId`,
      numericName(this, { endpoint, ...deployed, dedicatedResources: machines }),
    );
    // One endpoint takes one change at a time.
    const alone = [{ mutex: endpoint }];
    this.deployment = immutableOperation(this, 'Deployment', this.deploymentId, {
      arguments: {
        path: `${endpoint}:deployModel`,
        method: 'POST',
        body: {
          deployedModel: {
            id: this.deploymentId,
            ...deployed,
            dedicatedResources: { ...machines, ...scaled },
          },
        },
        poll: UNDER_WAY,
        precheck: alone,
        id_builder: `${endpoint}/deployedModels/${this.deploymentId}`,
        delete_method: 'POST',
        delete_path: `${endpoint}:undeployModel`,
        delete_body: { deployedModelId: this.deploymentId },
        poll_delete: UNDER_WAY,
        precheck_delete: alone,
      },
      // Its name holds a hash of all but the scaling, which is changed in place.
      lifecycle: { ignoreChanges: ['body'] },
      dependsOn: [this.model],
    });
    this.scaling = operation(this, 'Scaling', {
      arguments: {
        path: `${endpoint}:mutateDeployedModel`,
        method: 'POST',
        body: {
          deployedModel: { id: this.deploymentId, dedicatedResources: scaled },
          updateMask: SCALED.map((field) => `dedicatedResources.${field}`).join(','),
        },
        poll: UNDER_WAY,
        precheck: alone,
        id_builder: `${endpoint}/scaling/${variant.name}`,
      },
      dependsOn: [this.deployment],
    });
  }
}
