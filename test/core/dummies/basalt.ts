/** A cloud that exists only in tests, with projects, regions and accounts; it implements all of core. */
import { Construct } from 'constructs';
import { grantTo, imported, judgeEndpoint, machine, machineTypeOf, Resource, uniqueName } from './shared';
import * as core from '../../../src/core';
import { brand } from '../../../src/core/private/brand';
import { dataOf, datasetVariables, planDatasets } from '../../../src/core/private/datasets';
import { judge, judgeCall } from '../../../src/core/private/faults';
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
import { isContainerImage, kebabName } from '../../../src/core/private/rules/values';
import { aWorkload } from '../../../src/core/private/rules/workload';
import { integer, judgeProps, list, oneOf, required, struct, text } from '../../../src/core/private/schema';

const BASALT = 'basalt';
const logDays = integer({ min: 1, max: 3650 });
const machines = [machine(BASALT, 'slab-l4', 'L4', 1), machine(BASALT, 'slab-t4', 'T4', 1)];

function allow(right: string, owner: Construct, workload: core.IWorkload): void {
  judgeCall(owner, (faults) => aWorkload(BASALT)(workload, 'workload', faults));
  grantTo(workload, owner, right);
}

/** Props of a platform stack on Basalt. */
export interface PlatformStackProps extends core.PlatformStackCommonProps {
  /** The project that it belongs to. */
  readonly project: string;
  /** The region that it is deployed to. */
  readonly region: string;
}

/** A stack of Basalt. */
export class PlatformStack extends Construct {
  public readonly project: string;
  public readonly region: string;

  public constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = {
        ...platformStackRules,
        project: required(kebabName(30)),
        region: required(text()),
      };
      judgeProps(faults, struct<PlatformStackProps>(schema), props);
      if (props.allowedRegions && !props.allowedRegions.includes(props.region)) {
        faults.add(
          'CMC-050',
          'region',
          `('${props.region}') must be one of ${props.allowedRegions.join(', ')}`,
        );
      }
    });
    this.project = props.project;
    this.region = props.region;
    props.securityProfile?.applyTo(this);
  }
}

/** Props of a private network on Basalt. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps {
  /** @default - chosen by Basalt */
  readonly mtu?: number;
}

/** Where an existing network is. */
export interface NetworkAttributes {
  readonly project: string;
  readonly name: string;
}

/** A network of Basalt. */
export class PrivateNetwork extends Construct implements core.INetwork {
  public static fromNetwork(scope: Construct, id: string, attributes: NetworkAttributes): core.INetwork {
    const { project, name } = attributes;
    return imported([scope, id], [BASALT, 'PrivateNetwork'], { networkId: `${project}/${name}` });
  }

  public readonly networkId: string;

  public constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = {
        ...privateNetworkRules(BASALT, logDays),
        mtu: integer({ min: 1300, max: 9000, step: 10 }),
      };
      judgeProps(faults, struct<PrivateNetworkProps>(schema), props);
    });
    brand(this, BASALT, 'PrivateNetwork');
    this.networkId = uniqueName(this);
    this.node.defaultChild = new Resource(this, 'Network', 'network', { cidr: '10.0.0.0/16', ...props });
  }
}

/** Props of a key on Basalt. */
export interface EncryptionKeyProps extends core.EncryptionKeyProps {
  /** @default software */
  readonly protection?: string;
}

/** A key of Basalt. */
export class EncryptionKey extends Construct implements core.IEncryptionKey {
  public static fromVaultKey(scope: Construct, id: string, vault: string, name: string): core.IEncryptionKey {
    return imported([scope, id], [BASALT, 'EncryptionKey'], { keyId: `${vault}/${name}` });
  }

  public readonly keyId: string;

  public constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = { ...encryptionKeyRules, protection: oneOf('software', 'hsm') };
      judgeProps(faults, struct<EncryptionKeyProps>(schema), props);
    });
    brand(this, BASALT, 'EncryptionKey');
    this.keyId = uniqueName(this);
    this.node.defaultChild = new Resource(this, 'VaultKey', 'vault-key', {
      protection: 'software',
      ...props,
    });
  }
}

/** Somewhere that alarms of Basalt are told. */
export class NotificationChannel extends Construct implements core.INotificationChannel {
  public static fromBellId(scope: Construct, id: string, channelId: string): core.INotificationChannel {
    return new NotificationChannel(scope, id, channelId);
  }

  private constructor(
    scope: Construct,
    id: string,
    public readonly channelId: string,
  ) {
    super(scope, id);
    brand(this, BASALT, 'NotificationChannel');
  }
}

/** A secret of Basalt. */
export class Secret extends Construct implements core.ISecret {
  public static fromVault(scope: Construct, id: string, vault: string, name: string): core.ISecret {
    return new Secret(scope, id, `${vault}/${name}`);
  }

  private constructor(
    scope: Construct,
    id: string,
    public readonly secretId: string,
  ) {
    super(scope, id);
    brand(this, BASALT, 'Secret');
  }

  public grantRead(workload: core.IWorkload): void {
    allow('read-secret', this, workload);
  }
}

/** A native account of Basalt, to be granted to. */
export class Workload {
  public static fromAccount(scope: Construct, id: string, email: string): core.IWorkload {
    return imported([scope, id], [BASALT, 'Workload'], { identityId: email });
  }

  private constructor() {}
}

/** A data lake of Basalt. */
export interface IDataLake extends core.IDataLake {
  /** Grants to native accounts. */
  readonly grants: DataLakeGrants;
  /** The native storage account. */
  storage(): Construct;
}

/** Grants of a lake to native accounts. */
export class DataLakeGrants {
  /** @internal */
  public constructor(private readonly lake: IDataLake) {}

  /** Lets an account read one zone. */
  public readZone(zone: string, email: string): void {
    const { node } = this.lake.zone(zone);
    new Resource(this.lake, `read-${zone}-${email}`, 'grant', { right: 'read', on: node.path, to: email });
  }
}

/** Props of a data lake on Basalt. */
export interface DataLakeProps extends core.DataLakeProps {
  /** @default - one copy */
  readonly copies?: number;
}

/** Where an existing lake is. */
export interface DataLakeAttributes {
  readonly account: string;
  readonly zones: string[];
}

abstract class Lake extends Construct implements IDataLake {
  public readonly grants: DataLakeGrants = new DataLakeGrants(this);
  public readonly zoneNames: string[] = [];
  public readonly uris: { [name: string]: string } = {};

  public zone(name: string): core.IDataZone {
    return judgeCall(this, (faults) => {
      const found = this.node.tryFindChild(`Zone-${name}`) as Zone | undefined;
      if (!found) {
        faults.add('CMC-012', 'name', `('${name}') must be one of ${this.zoneNames.join(', ')}`);
      }
      return found!;
    });
  }

  public storage(): Construct {
    return this.node.defaultChild as Construct;
  }

  public grantRead(workload: core.IWorkload): void {
    allow('read', this, workload);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    allow('read-write', this, workload);
  }

  /** @internal */
  public _fill(account: string, resource: Resource, zones: string[]): void {
    brand(this, BASALT, 'DataLake');
    this.node.defaultChild = resource;
    for (const name of zones) {
      this.zoneNames.push(name);
      this.uris[name] = new Zone(this, name, `basalt://${account}/${name}/`).uri;
    }
  }
}

/** A data lake of Basalt: one storage account. */
export class DataLake extends Lake {
  public static fromStorageAccount(scope: Construct, id: string, attributes: DataLakeAttributes): IDataLake {
    class Import extends Lake {
      public constructor() {
        super(scope, id);
        this._fill(attributes.account, new Resource(this, 'Account', 'imported'), attributes.zones);
      }
    }
    return new Import();
  }

  public constructor(scope: Construct, id: string, props: DataLakeProps = {}) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = { ...dataLakeRules(BASALT), copies: integer({ min: 1, max: 3 }) };
      judgeProps(faults, struct<DataLakeProps>(schema), props);
      if (props.discovery) {
        faults.add('CMC-040', 'discovery', 'is not there on Basalt: leave it out');
      }
    });
    const key = props.encryptionKey?.keyId ?? core.SecurityProfile.of(this).name;
    const zones = props.zones?.map(({ name }) => name) ?? ['raw', 'curated', 'features'];
    this._fill(uniqueName(this), new Resource(this, 'Account', 'account', { key }), zones);
  }
}

class Zone extends Construct implements core.IDataZone {
  public readonly uris: { [name: string]: string };

  public constructor(
    scope: Construct,
    public readonly zoneName: string,
    public readonly uri: string,
  ) {
    super(scope, `Zone-${zoneName}`);
    brand(this, BASALT, 'DataZone');
    this.uris = { [zoneName]: uri };
    this.node.defaultChild = new Resource(this, 'Container', 'container');
  }

  public folder(path: string): core.IDataFolder {
    return folderIn(this, path, (id, folder) => new Folder(this, id, folder));
  }

  public grantRead(workload: core.IWorkload): void {
    allow('read', this, workload);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    allow('read-write', this, workload);
  }
}

class Folder extends Construct implements core.IDataFolder {
  public readonly zoneName: string;
  public readonly uri: string;
  public readonly uris: { [name: string]: string };

  public constructor(
    zone: Zone,
    id: string,
    public readonly folderPath: string,
  ) {
    super(zone, id);
    brand(this, BASALT, 'DataFolder');
    this.zoneName = zone.zoneName;
    this.uri = `${zone.uri}${folderPath}`;
    this.uris = { [this.zoneName]: this.uri };
  }

  public grantRead(workload: core.IWorkload): void {
    allow('read', this, workload);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    allow('read-write', this, workload);
  }
}

/** Props of a model registry on Basalt. */
export interface ModelRegistryProps extends core.ModelRegistryProps {
  /** @default - the project's */
  readonly location?: string;
}

/** A model registry of Basalt. */
export class ModelRegistry extends Construct implements core.IModelRegistry {
  private readonly declared: { models: string[]; images: string[] };

  public constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = { ...modelRegistryRules(BASALT, kebabName(30)), location: text() };
      judgeProps(faults, struct<ModelRegistryProps>(schema), props);
    });
    brand(this, BASALT, 'ModelRegistry');
    this.declared = { models: props.models.map(({ name }) => name), images: props.images ?? [] };
    this.node.defaultChild = new Resource(this, 'Registry', 'registry', { ...this.declared });
  }

  public model(name: string): core.RegisteredModel {
    return new core.RegisteredModel(this, this.require('models', name));
  }

  public image(name: string, tag: string | core.DeployParameter): core.ContainerImage {
    return new core.ContainerImage(this, this.require('images', name), tag);
  }

  public grantRead(workload: core.IWorkload): void {
    allow('read-models', this, workload);
  }

  public grantPublish(workload: core.IWorkload): void {
    allow('publish-models', this, workload);
  }

  public publishCommand(model: string, version: string, image: core.ContainerImage): string {
    return `basalt model add ${this.require('models', model)} ${version} --from "$MODEL_FILES" --with ${address(image)}`;
  }

  public approveCommand(model: string, version: string): string {
    return `basalt model approve ${this.require('models', model)} ${version}`;
  }

  public pushCommand(image: string, tag: string): string {
    return `basalt image push ${this.node.id}/${this.require('images', image)}:${tag}`;
  }

  private require(what: 'models' | 'images', name: string): string {
    return judgeCall(this, (faults) => {
      if (!this.declared[what].includes(name)) {
        faults.add(
          'CMC-012',
          'name',
          `('${name}') must be one of the declared ${what}: ${this.declared[what].join(', ')}`,
        );
      }
      return name;
    });
  }
}

/** Props of a training cluster on Basalt. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /** @default - none */
  readonly labels?: string[];
}

/** A training cluster of Basalt. */
export class GpuTrainingCluster extends Construct implements core.IGpuTrainingCluster {
  public readonly identityId: string;
  public readonly machineType: string;
  public readonly outputUri: string;
  public readonly submitCommand: string;

  public constructor(scope: Construct, id: string, props: GpuTrainingClusterProps) {
    super(scope, id);
    const { machineType, environment } = judge(this, (faults) => {
      const schema = { ...gpuTrainingClusterRules(BASALT, logDays), labels: list(text()) };
      judgeProps(faults, struct<GpuTrainingClusterProps>(schema), props);
      reserveVariables(Object.keys(props.environment ?? {}), 'environment', JOB_VARIABLES, faults);
      reserveVariables(Object.keys(props.secrets ?? {}), 'secrets', JOB_VARIABLES, faults);
      if (!props.accelerators && !props.machineType) {
        faults.add('CMC-009', 'accelerators', 'or machineType must be given');
      }
      if (props.capacity?.kind === core.CapacityKind.QUEUED) {
        faults.add('CMC-023', 'capacity', 'cannot be queued on Basalt: use Capacity.spot()');
      }
      return {
        machineType: machineTypeOf(
          props,
          '',
          { cloud: BASALT, service: 'Basalt training' },
          machines,
          faults,
        ),
        environment: { ...props.environment, ...datasetVariables(planDatasets(props.datasets, faults)) },
      };
    });
    brand(this, BASALT, 'GpuTrainingCluster');
    this.identityId = `${this.node.addr.slice(-8)}@basalt.test`;
    this.machineType = machineType!;
    this.submitCommand = `basalt train ${this.node.id}`;
    this.outputUri = `basalt://jobs/${this.node.id}/`;
    this.node.defaultChild = new Resource(this, 'Pool', 'pool', {
      environment,
      image: address(props.image),
      size: props.maxNodes ?? 1,
    });
    report(this, 'choice', 'Machine type', this.machineType);
    props.datasets?.forEach((dataset) => dataOf(dataset).grantRead(this));
    props.registry?.grantRead(this);
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
  }
}

/** Props of an endpoint on Basalt. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /** @default - the project's */
  readonly sla?: string;
}

/** An endpoint of Basalt. */
export class AutoScalingEndpoint extends Construct implements core.IAutoScalingEndpoint {
  public readonly endpointName: string;
  public readonly identityId: string;
  public readonly url: string;
  public readonly invokeCommand: string;
  public readonly shiftCommand: string;
  public readonly streamUrl = 'https://stream.example.com';

  public constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const machineTypes = judge(this, (faults) => {
      const schema = { ...autoScalingEndpointRules(BASALT, logDays), sla: oneOf('gold', 'silver') };
      judgeProps(faults, struct<AutoScalingEndpointProps>(schema), props);
      judgeEndpoint(props, faults);
      if (props.rollout && props.rollout.kind !== core.RolloutKind.ALL_AT_ONCE) {
        faults.add('CMC-032', 'rollout', 'is all at once on Basalt: move traffic by shiftCommand');
      }
      const question = { cloud: BASALT, service: 'Basalt serving' };
      const shared = machineTypeOf(props, '', question, machines, faults);
      return props.variants.map(
        (variant, i) =>
          machineTypeOf(variant, `variants[${i}].`, question, machines, faults) ?? shared ?? 'slab-2',
      );
    });
    brand(this, BASALT, 'AutoScalingEndpoint');
    this.endpointName = uniqueName(this);
    this.identityId = `${this.node.addr.slice(-8)}@basalt.test`;
    this.url = `https://serving.basalt.test/${this.endpointName}`;
    this.invokeCommand = `basalt predict ${this.endpointName}`;
    this.shiftCommand = `basalt traffic ${this.endpointName}`;
    this.node.defaultChild = new Resource(this, 'Service', 'service');
    props.variants.forEach(({ name, container, model }, i) => {
      const args = {
        image: address(container.image),
        model: modelAddress(model),
        machineType: machineTypes[i],
      };
      new Resource(this, `Deployment-${name}`, 'deployment', args);
      pull(this, container, model);
    });
    props.capture?.zone?.grantReadWrite(this);
  }

  public grantInvoke(workload: core.IWorkload): void {
    allow('invoke', this, workload);
  }
}

/** Props of a serverless inference on Basalt. */
export interface ServerlessInferenceProps extends core.ServerlessInferenceProps {
  /** @default 1 */
  readonly generation?: number;
}

/** A serverless inference of Basalt. */
export class ServerlessInference extends Construct implements core.IServerlessInference {
  public static fromServiceUrl(
    scope: Construct,
    id: string,
    url: string,
    account: string,
  ): core.IInferenceEndpoint {
    class Import extends Construct implements core.IInferenceEndpoint {
      public readonly endpointName = id;
      public readonly identityId = account;
      public readonly url = url;
      public readonly invokeCommand = `basalt call ${url}`;

      public grantInvoke(workload: core.IWorkload): void {
        allow('invoke', this, workload);
      }
    }
    const service = new Import(scope, id);
    brand(service, BASALT, 'ServerlessInference');
    return service;
  }

  public readonly endpointName: string;
  public readonly identityId: string;
  public readonly url: string;
  public readonly invokeCommand: string;

  public constructor(scope: Construct, id: string, props: ServerlessInferenceProps) {
    super(scope, id);
    judge(this, (faults) => {
      const schema = {
        ...serverlessInferenceRules(BASALT, logDays),
        generation: integer({ min: 1, max: 2 }),
      };
      judgeProps(faults, struct<ServerlessInferenceProps>(schema), props);
      machineTypeOf(props, '', { cloud: BASALT, service: 'Basalt functions' }, machines, faults);
    });
    brand(this, BASALT, 'ServerlessInference');
    this.endpointName = uniqueName(this);
    this.identityId = `${this.node.addr.slice(-8)}@basalt.test`;
    this.url = `https://${this.endpointName}.basalt.test/`;
    this.invokeCommand = `basalt call ${this.url}`;
    const { container, model, memoryMiB = 2048 } = props;
    const args = { image: address(container.image), model: modelAddress(model), memoryMiB };
    this.node.defaultChild = new Resource(this, 'Function', 'function', args);
    pull(this, container, model);
  }

  public grantInvoke(workload: core.IWorkload): void {
    allow('invoke', this, workload);
  }
}

function pull(
  workload: core.IWorkload,
  { image, secrets }: core.ServingContainer,
  model?: core.ModelVersion,
): void {
  model?.registry.grantRead(workload);
  if (isContainerImage(image)) {
    image.registry.grantRead(workload);
  }
  Object.values(secrets ?? {}).forEach((secret) => secret.grantRead(workload));
}

const atDeployment = (value: string | core.DeployParameter) =>
  typeof value === 'string' ? value : `var.${value.name}`;

const address = (image: string | core.ContainerImage) =>
  isContainerImage(image) ? `${image.registry.node.id}/${image.name}:${atDeployment(image.tag)}` : image;

const modelAddress = (model?: core.ModelVersion) =>
  model && `${model.registry.node.id}/${model.model}@${atDeployment(model.version)}`;
