/** A cloud that exists only in tests, with realms and roles; it implements all of core. */
import { Construct } from 'constructs';
import { grantTo, imported, judgeEndpoint, machine, machineTypeOf, Resource, uniqueName } from './shared';
import * as core from '../../../src/core';
import { brand, brandOf } from '../../../src/core/private/brand';
import { dataOf, datasetVariables, planDatasets } from '../../../src/core/private/datasets';
import { Faults, judge, judgeCall } from '../../../src/core/private/faults';
import { folderIn } from '../../../src/core/private/folders';
import { JOB_VARIABLES, reserveVariables } from '../../../src/core/private/jobs';
import { report } from '../../../src/core/private/report';
import { dataLakeRules } from '../../../src/core/private/rules/data';
import { modelRegistryRules } from '../../../src/core/private/rules/registry';
import { autoScalingEndpointRules, serverlessInferenceRules } from '../../../src/core/private/rules/serving';
import {
  encryptionKeyRules,
  platformStackRules,
  privateNetworkRules,
} from '../../../src/core/private/rules/stack';
import { gpuTrainingClusterRules } from '../../../src/core/private/rules/training';
import { isContainerImage } from '../../../src/core/private/rules/values';
import { aWorkload } from '../../../src/core/private/rules/workload';
import { flag, integer, judgeProps, oneOf, required, struct, text } from '../../../src/core/private/schema';

const EMBER = 'ember';
const LOG_DAYS = oneOf(1, 7, 30, 90, 365, 2557);
const MACHINES = [machine(EMBER, 'flare.t4', 'T4', 1), machine(EMBER, 'flare.a100', 'A100', 8)];

const judgeGrantee = (owner: Construct, workload: core.IWorkload) =>
  judgeCall(owner, (faults) => aWorkload(EMBER)(workload, 'workload', faults));

/** The key that was given, or under REGULATED the root stack's own. */
function keyOf(construct: Construct, given?: core.IEncryptionKey): string {
  if (given || core.SecurityProfile.of(construct).name !== 'regulated') {
    return given?.keyId ?? 'ember-managed';
  }
  const [, stack = construct] = construct.node.scopes as Construct[];
  const existing = stack.node.tryFindChild('MlKey') as EncryptionKey | undefined;
  return (existing ?? new EncryptionKey(stack, 'MlKey')).keyId;
}

/** Props of a platform stack on Ember. */
export interface PlatformStackProps extends core.PlatformStackCommonProps {
  /** The realm that it is deployed to. */
  readonly realm: string;
}

/** A stack of Ember. */
export class PlatformStack extends Construct {
  public readonly realm: string;

  public constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id);
    judge(this, (faults) => {
      judgeProps(
        faults,
        struct<PlatformStackProps>({ ...platformStackRules, realm: required(text()) }),
        props,
      );
      if (props.allowedRegions && !props.allowedRegions.includes(props.realm)) {
        faults.add(
          'CMC-050',
          'realm',
          `('${props.realm}') must be one of ${props.allowedRegions.join(', ')}`,
        );
      }
    });
    this.realm = props.realm;
    props.securityProfile?.applyTo(this);
  }
}

/** Props of a private network on Ember. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps {
  /** @default false */
  readonly multicast?: boolean;
}

/** A mesh of Ember. */
export class PrivateNetwork extends Construct implements core.INetwork {
  public static fromMeshId(scope: Construct, id: string, meshId: string): core.INetwork {
    return imported([scope, id], [EMBER, 'PrivateNetwork'], { networkId: meshId });
  }

  public readonly networkId: string;

  public constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = { ...privateNetworkRules(EMBER, LOG_DAYS), multicast: flag };
      judgeProps(faults, struct<PrivateNetworkProps>(schema), props);
    });
    brand(this, EMBER, 'PrivateNetwork');
    this.networkId = uniqueName(this);
    this.node.defaultChild = new Resource(this, 'Mesh', 'mesh', {
      cidr: props.cidr ?? '10.0.0.0/16',
      ...props,
    });
    if (props.internetEgress) {
      report(this, 'idle-cost', 'Gateway', 'bills per hour');
    }
  }
}

/** Props of a key on Ember. */
export interface EncryptionKeyProps extends core.EncryptionKeyProps {
  /** @default false */
  readonly hardware?: boolean;
}

/** A key of Ember. */
export class EncryptionKey extends Construct implements core.IEncryptionKey {
  public static fromKeyArn(scope: Construct, id: string, keyArn: string): core.IEncryptionKey {
    return imported([scope, id], [EMBER, 'EncryptionKey'], { keyId: keyArn });
  }

  public readonly keyId: string;

  public constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    judge(this, (faults) =>
      judgeProps(faults, struct<EncryptionKeyProps>({ ...encryptionKeyRules, hardware: flag }), props),
    );
    brand(this, EMBER, 'EncryptionKey');
    this.keyId = uniqueName(this);
    this.node.defaultChild = new Resource(this, 'Key', 'key', { rotationDays: 365, ...props });
  }
}

/** Somewhere that alarms of Ember are told. */
export class NotificationChannel extends Construct implements core.INotificationChannel {
  public static fromChannelId(scope: Construct, id: string, channelId: string): core.INotificationChannel {
    return new NotificationChannel(scope, id, channelId);
  }

  private constructor(
    scope: Construct,
    id: string,
    public readonly channelId: string,
  ) {
    super(scope, id);
    brand(this, EMBER, 'NotificationChannel');
  }
}

/** A secret of Ember. */
export class Secret extends Construct implements core.ISecret {
  public static fromSecretName(scope: Construct, id: string, secretName: string): core.ISecret {
    return new Secret(scope, id, secretName);
  }

  private constructor(
    scope: Construct,
    id: string,
    public readonly secretId: string,
  ) {
    super(scope, id);
    judge(this, (faults) => required(text())(secretId, 'secretName', faults));
    brand(this, EMBER, 'Secret');
  }

  public grantRead(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read-secret');
  }
}

/** A native role of Ember, to be granted to. */
export class Workload {
  public static fromRole(scope: Construct, id: string, role: string): core.IWorkload {
    return imported([scope, id], [EMBER, 'Workload'], { identityId: role });
  }

  private constructor() {}
}

/** One bucket of a lake. */
export class DataZone extends Construct implements core.IDataZone {
  public static fromBucketName(
    scope: Construct,
    id: string,
    zoneName: string,
    bucketName: string,
  ): core.IDataZone {
    return new DataZone(scope, id, zoneName, bucketName);
  }

  public readonly uri: string;
  public readonly uris: { [name: string]: string };

  /** @internal */
  public constructor(
    scope: Construct,
    id: string,
    public readonly zoneName: string,
    bucketName?: string,
    args: Record<string, unknown> = {},
  ) {
    super(scope, id);
    brand(this, EMBER, 'DataZone');
    this.uri = `ember://${bucketName ?? uniqueName(this)}/`;
    this.uris = { [zoneName]: this.uri };
    this.node.defaultChild = bucketName ? undefined : new Resource(this, 'Bucket', 'bucket', args);
  }

  public folder(path: string): core.IDataFolder {
    return folderIn(this, path, (id, folder) => new DataFolder(this, id, folder));
  }

  public grantRead(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read');
  }

  public grantReadWrite(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read-write');
  }
}

/** A folder of a bucket. */
class DataFolder extends Construct implements core.IDataFolder {
  public readonly zoneName: string;
  public readonly uri: string;
  public readonly uris: { [name: string]: string };

  public constructor(
    zone: DataZone,
    id: string,
    public readonly folderPath: string,
  ) {
    super(zone, id);
    brand(this, EMBER, 'DataFolder');
    this.zoneName = zone.zoneName;
    this.uri = `${zone.uri}${folderPath}`;
    this.uris = { [this.zoneName]: this.uri };
  }

  public grantRead(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read');
  }

  public grantReadWrite(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read-write');
  }
}

/** A data lake of Ember. */
export interface IDataLake extends core.IDataLake {
  /** Grants to native roles. */
  readonly grants: DataLakeGrants;
  /** The native bucket of a zone. */
  bucket(name: string): Construct;
}

/** Grants of a lake to native roles. */
export class DataLakeGrants {
  /** @internal */
  public constructor(private readonly lake: IDataLake) {}

  /** Lets a role read. */
  public read(role: string): void {
    new Resource(this.lake, `read-${role}`, 'grant', { right: 'read', on: this.lake.node.path, to: role });
  }
}

/** Props of a data lake on Ember. */
export interface DataLakeProps extends core.DataLakeProps {
  /** @default false */
  readonly objectLock?: boolean;
}

abstract class Lake extends Construct implements IDataLake {
  public readonly grants: DataLakeGrants;
  /** @internal */
  public readonly _zones: DataZone[] = [];

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    brand(this, EMBER, 'DataLake');
    this.grants = new DataLakeGrants(this);
  }

  public get zoneNames(): string[] {
    return this._zones.map(({ zoneName }) => zoneName);
  }

  public get uris(): { [name: string]: string } {
    return Object.assign({}, ...this._zones.map(({ uris }) => uris));
  }

  public zone(name: string): core.IDataZone {
    return this.find(name);
  }

  public bucket(name: string): Construct {
    return (this.find(name).node.defaultChild ?? this.find(name)) as Construct;
  }

  public grantRead(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantRead(workload));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantReadWrite(workload));
  }

  private find(name: string): DataZone {
    return judgeCall(this, (faults) => {
      const found = this._zones.find(({ zoneName }) => zoneName === name);
      if (!found) {
        faults.add('CMC-012', 'name', `('${name}') must be one of ${this.zoneNames.join(', ')}`);
      }
      return found!;
    });
  }
}

/** A data lake of Ember. */
export class DataLake extends Lake {
  public static fromBuckets(scope: Construct, id: string, buckets: { [zone: string]: string }): IDataLake {
    class Import extends Lake {
      public constructor() {
        super(scope, id);
        const add = ([zone, bucket]: [string, string]) =>
          this._zones.push(new DataZone(this, `Zone-${zone}`, zone, bucket));
        Object.entries(buckets).forEach(add);
      }
    }
    return new Import();
  }

  public constructor(scope: Construct, id: string, props: DataLakeProps = {}) {
    super(scope, id);
    judge(this, (faults) =>
      judgeProps(faults, struct<DataLakeProps>({ ...dataLakeRules(EMBER), objectLock: flag }), props),
    );
    const key = keyOf(this, props.encryptionKey);
    for (const zone of props.zones ?? [{ name: 'raw' }, { name: 'curated' }, { name: 'features' }]) {
      this._zones.push(new DataZone(this, `Zone-${zone.name}`, zone.name, undefined, { ...zone, key }));
    }
  }
}

/** Props of a model registry on Ember. */
export interface ModelRegistryProps extends core.ModelRegistryProps {
  /** @default false */
  readonly lineage?: boolean;
}

/** A model registry of Ember. */
export class ModelRegistry extends Construct implements core.IModelRegistry {
  public readonly registryName: string;
  private readonly models: string[];
  private readonly images: string[];

  public constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    judge(this, (faults) => {
      const account = text({ pattern: /^\d{6}$/, means: 'an account of 6 digits' });
      const schema = { ...modelRegistryRules(EMBER, account), lineage: flag };
      judgeProps(faults, struct<ModelRegistryProps>(schema), props);
    });
    brand(this, EMBER, 'ModelRegistry');
    this.registryName = uniqueName(this);
    this.models = props.models.map(({ name }) => name);
    this.images = props.images ?? [];
    this.node.defaultChild = new Resource(this, 'Store', 'bucket', { key: keyOf(this, props.encryptionKey) });
    this.images.forEach((name) => new Resource(this, `Images-${name}`, 'repository'));
  }

  public model(name: string): core.RegisteredModel {
    this.judgeDeclared('models', this.models, name);
    return new core.RegisteredModel(this, name);
  }

  public image(name: string, tag: string | core.DeployParameter): core.ContainerImage {
    this.judgeDeclared('images', this.images, name);
    return new core.ContainerImage(this, name, tag);
  }

  public grantRead(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'read-models');
  }

  public grantPublish(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'publish-models');
  }

  public publishCommand(model: string, version: string, image: core.ContainerImage): string {
    this.judgeDeclared('models', this.models, model);
    return `ember models publish ${this.registryName}/${model}:${version} "$MODEL_FILES" --image ${imageUri(image)}`;
  }

  public approveCommand(model: string, version: string): string {
    this.judgeDeclared('models', this.models, model);
    return `ember models approve ${this.registryName}/${model}:${version}`;
  }

  public pushCommand(image: string, tag: string): string {
    this.judgeDeclared('images', this.images, image);
    return `ember images push ${this.registryName}/${image}:${tag} .`;
  }

  private judgeDeclared(what: string, declared: string[], name: string): void {
    judgeCall(this, (faults) => {
      if (!declared.includes(name)) {
        faults.add(
          'CMC-012',
          'name',
          `('${name}') must be one of the declared ${what}: ${declared.join(', ')}`,
        );
      }
    });
  }
}

/** Props of a training cluster on Ember. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /** @default 0 */
  readonly warmMinutes?: number;
}

/** A training cluster of Ember. */
export class GpuTrainingCluster extends Construct implements core.IGpuTrainingCluster {
  public readonly identityId: string;
  public readonly machineType: string;
  public readonly outputUri: string;
  public readonly submitCommand: string;

  public constructor(scope: Construct, id: string, props: GpuTrainingClusterProps) {
    super(scope, id);
    const { machineType, variables } = judge(this, (faults) => {
      const schema = {
        ...gpuTrainingClusterRules(EMBER, LOG_DAYS),
        warmMinutes: integer({ min: 0, max: 60 }),
      };
      judgeProps(faults, struct<GpuTrainingClusterProps>(schema), props);
      reserveVariables(Object.keys(props.environment ?? {}), 'environment', JOB_VARIABLES, faults);
      reserveVariables(Object.keys(props.secrets ?? {}), 'secrets', JOB_VARIABLES, faults);
      if (!props.accelerators && !props.machineType) {
        faults.add('CMC-009', 'accelerators', 'or machineType must be given');
      }
      if (props.capacity?.kind === core.CapacityKind.RESERVED) {
        faults.add('CMC-023', 'capacity', 'cannot be reserved on Ember: use Capacity.queued()');
      }
      if (props.fabric === core.Fabric.REQUIRED) {
        faults.add('CMC-040', 'fabric', 'is not there on Ember: leave it out');
      }
      return {
        machineType: machineTypeOf(props, '', { cloud: EMBER, service: 'Ember jobs' }, MACHINES, faults),
        variables: datasetVariables(planDatasets(props.datasets, faults)),
      };
    });
    brand(this, EMBER, 'GpuTrainingCluster');
    this.identityId = `role/${uniqueName(this)}`;
    this.machineType = machineType!;
    this.submitCommand = `ember jobs submit ${uniqueName(this)}`;
    this.outputUri = `ember://jobs/${this.node.id}/`;
    const environment = { ...props.environment, ...variables };
    const args = {
      environment,
      image: imageUri(props.image),
      capacity: props.capacity?.kind,
      key: keyOf(this, props.encryptionKey),
    };
    this.node.defaultChild = new Resource(this, 'Queue', 'queue', args);
    report(this, 'choice', 'Machine type', this.machineType);
    props.datasets?.forEach((dataset) => dataOf(dataset).grantRead(this));
    props.registry?.grantRead(this);
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
  }
}

/** Props of an endpoint on Ember. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /** @default false */
  readonly edgeCache?: boolean;
}

/** An endpoint of Ember. */
export class AutoScalingEndpoint extends Construct implements core.IAutoScalingEndpoint {
  public static fromEndpointName(
    scope: Construct,
    id: string,
    name: string,
    role: string,
  ): core.IInferenceEndpoint {
    class Import extends Construct implements core.IInferenceEndpoint {
      public readonly endpointName = name;
      public readonly identityId = role;
      public readonly url = `https://${name}.ember.test/`;
      public readonly invokeCommand = `ember endpoints invoke ${name}`;

      public grantInvoke(workload: core.IWorkload): void {
        judgeGrantee(this, workload);
        grantTo(workload, this, 'invoke');
      }
    }
    const endpoint = new Import(scope, id);
    brand(endpoint, EMBER, 'AutoScalingEndpoint');
    return endpoint;
  }

  public readonly endpointName: string;
  public readonly identityId: string;
  public readonly url: string;
  public readonly invokeCommand: string;
  public readonly shiftCommand: string;
  public readonly streamUrl = 'https://stream.example.com';

  public constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const machineTypes = judge(this, (faults) => {
      const schema = { ...autoScalingEndpointRules(EMBER, LOG_DAYS), edgeCache: flag };
      judgeProps(faults, struct<AutoScalingEndpointProps>(schema), props);
      judgeEndpoint(props, faults);
      const question = { cloud: EMBER, service: 'Ember endpoints' };
      const shared = machineTypeOf(props, '', question, MACHINES, faults);
      return props.variants.map((variant, i) => {
        judgeContainer(variant.container, `variants[${i}].container`, faults);
        return (
          machineTypeOf(variant, `variants[${i}].`, question, MACHINES, faults) ?? shared ?? 'flare.small'
        );
      });
    });
    brand(this, EMBER, 'AutoScalingEndpoint');
    this.endpointName = uniqueName(this);
    this.identityId = `role/${this.endpointName}`;
    this.url = `https://${this.endpointName}.ember.test/`;
    this.invokeCommand = `ember endpoints invoke ${this.endpointName}`;
    this.shiftCommand = `ember endpoints shift ${this.endpointName}`;
    this.node.defaultChild = new Resource(this, 'Endpoint', 'endpoint', { scaling: props.scaling });
    props.variants.forEach(({ name, container, model }, i) => {
      const args = { image: imageUri(container.image), model: modelUri(model), machineType: machineTypes[i] };
      new Resource(this, `Variant-${name}`, 'variant', args);
      grantContainer(this, container, model);
    });
    props.capture?.zone?.grantReadWrite(this);
  }

  public grantInvoke(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'invoke');
  }
}

/** Props of a serverless inference on Ember. */
export interface ServerlessInferenceProps extends core.ServerlessInferenceProps {
  /** @default false */
  readonly snapshotStart?: boolean;
}

/** A serverless inference of Ember. */
export class ServerlessInference extends Construct implements core.IServerlessInference {
  public readonly endpointName: string;
  public readonly identityId: string;
  public readonly url: string;
  public readonly invokeCommand: string;

  public constructor(scope: Construct, id: string, props: ServerlessInferenceProps) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = { ...serverlessInferenceRules(EMBER, LOG_DAYS), snapshotStart: flag };
      judgeProps(faults, struct<ServerlessInferenceProps>(schema), props);
      judgeContainer(props.container, 'container', faults);
      if (props.accelerators) {
        faults.add('CMC-040', 'accelerators', 'are not there on Ember functions: use AutoScalingEndpoint');
      }
    });
    brand(this, EMBER, 'ServerlessInference');
    this.endpointName = uniqueName(this);
    this.identityId = `role/${this.endpointName}`;
    this.url = `https://${this.endpointName}.ember.test/`;
    this.invokeCommand = `ember functions invoke ${this.endpointName}`;
    const args = {
      image: imageUri(props.container.image),
      model: modelUri(props.model),
      memoryMiB: props.memoryMiB ?? 2048,
    };
    this.node.defaultChild = new Resource(this, 'Function', 'function', args);
    grantContainer(this, props.container, props.model);
  }

  public grantInvoke(workload: core.IWorkload): void {
    judgeGrantee(this, workload);
    grantTo(workload, this, 'invoke');
  }
}

/** Ember fixes the port. */
function judgeContainer({ port = 8080 }: core.ServingContainer, prop: string, faults: Faults): void {
  if (port !== 8080) {
    faults.add('CMC-040', `${prop}.port`, `(${port}) must be 8080 on Ember`);
  }
}

function grantContainer(
  workload: core.IWorkload,
  container: core.ServingContainer,
  model?: core.ModelVersion,
): void {
  const { image, secrets = {} } = container;
  const registries = [model?.registry, isContainerImage(image) ? image.registry : undefined];
  registries.forEach((registry) => registry?.grantRead(workload));
  Object.values(secrets).forEach((secret) => secret.grantRead(workload));
}

const given = (value: string | core.DeployParameter) =>
  core.DeployParameter.isDeployParameter(value)
    ? `param:${(value as core.DeployParameter).name}`
    : (value as string);

const registryName = (registry: core.IModelRegistry) =>
  brandOf(registry)?.kind === 'ModelRegistry' ? (registry as ModelRegistry).registryName : registry.node.id;

const imageUri = (image: string | core.ContainerImage) =>
  isContainerImage(image) ? `${registryName(image.registry)}/${image.name}:${given(image.tag)}` : image;

const modelUri = (model?: core.ModelVersion) =>
  model && `ember://${registryName(model.registry)}/${model.model}/${given(model.version)}`;
