import {
  Duration,
  aws_ecr as ecr,
  aws_iam as iam,
  aws_s3 as s3,
  aws_sagemaker as sagemaker,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { exportAlways } from './private/exports';
import { PULL, pullPermissions, PUSH } from './private/images';
import { CLOUD, grantee, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import * as commands from './private/model-registry/commands';
import { ACCOUNT, VERSION } from './private/model-registry/rules';
import { groupPolicy, notifyOfApprovals, shareFiles, shareImages } from './private/model-registry/sharing';
import { physicalName } from './private/names';
import { allow, Permission } from './private/platform-role';
import { emptyCommand, removalPolicy } from './private/retention';
import { arn, readPermissions, storageBucket, writePermissions } from './private/storage';
import { INetwork } from './private-network';
import { tellsAnybody } from '../core/private/alarms';
import { findDeclared } from '../core/private/declared';
import { defaultText } from '../core/private/deploy-parameter';
import { judgeCall } from '../core/private/faults';
import { imageOf, judgeTag, modelOf } from '../core/private/registry';
import { modelRegistryRules } from '../core/private/rules/registry';
import { judgeProps, struct } from '../core/private/schema';

/** Props of a model registry on AWS. */
export interface ModelRegistryProps extends core.ModelRegistryProps {}

/** A model registry on AWS. */
export interface IModelRegistry extends core.IModelRegistry {
  /** The native bucket that holds the models' files, below `models/<model>/<version>/`. */
  readonly artifactBucket: s3.IBucket;

  /**
   * The native repository of a declared image.
   *
   * @param image the repository's declared name
   */
  repository(image: string): ecr.IRepository;

  /**
   * The name of the native model package group of a model.
   *
   * @param model the model's name
   */
  modelPackageGroupName(model: string): string;

  /**
   * Whether endpoints only deploy approved versions of a model.
   *
   * @param model the model's name
   */
  approvalRequired(model: string): boolean;
}

/** Props of a registry that exists already. */
export interface FromRegistryProps {
  /** The bucket that holds the models' files, below `models/<model>/<version>/`. Give its key to grant its use too. */
  readonly artifactBucket: s3.IBucket;

  /**
   * The repositories by the names that `image()` takes.
   *
   * @default - none
   */
  readonly repositories?: { [image: string]: ecr.IRepository };

  /** The names of the model package groups by the names that `model()` takes. */
  readonly modelPackageGroups: { [model: string]: string };

  /**
   * The models whose versions must be approved.
   *
   * @default - none
   */
  readonly approvalRequired?: string[];
}

/** Grants of a registry to native principals. */
export class ModelRegistryGrants {
  /** @internal */
  constructor(private readonly registry: IModelRegistry) {}

  /**
   * Lets a native principal read models and pull images.
   *
   * @param to a role, user or service of your own
   */
  public read(to: iam.IGrantable): iam.Grant {
    return this.give(to, this.native._readPermissions());
  }

  /**
   * Lets a native principal publish versions and push images.
   *
   * @param to a role, user or service of your own
   */
  public publish(to: iam.IGrantable): iam.Grant {
    return this.give(to, [...this.native._readPermissions(), ...this.native._publishPermissions()]);
  }

  private get native(): ModelRegistryBase {
    return this.registry as ModelRegistryBase;
  }

  private give(to: iam.IGrantable, permissions: Permission[]): iam.Grant {
    return permissions.map((permission) => allow(to, permission)).reduce((all, grant) => all.combine(grant));
  }
}

/** What a registry is, made or imported. */
abstract class ModelRegistryBase extends Construct implements IModelRegistry {
  public abstract readonly artifactBucket: s3.IBucket;
  /** Grants to native principals. */
  public readonly grants: ModelRegistryGrants = new ModelRegistryGrants(this);
  /** @internal */
  protected abstract readonly _repositories: ReadonlyMap<string, ecr.IRepository>;
  /** @internal */
  protected abstract readonly _models: ReadonlyMap<
    string,
    { readonly groupName: string; readonly approvalRequired: boolean }
  >;

  public model(name: string): core.RegisteredModel {
    return modelOf(this, this._models, name);
  }

  public image(name: string, tag: string | core.DeployParameter): core.ContainerImage {
    return imageOf(this, this._repositories, name, tag);
  }

  public repository(image: string): ecr.IRepository {
    return this.find(this._repositories, 'image', image);
  }

  public modelPackageGroupName(model: string): string {
    return this.find(this._models, 'model', model).groupName;
  }

  public approvalRequired(model: string): boolean {
    return this.find(this._models, 'model', model).approvalRequired;
  }

  public grantRead(workload: core.IWorkload): void {
    this.grants.read(grantee(this, workload));
  }

  public grantPublish(workload: core.IWorkload): void {
    this.grants.publish(grantee(this, workload));
  }

  public publishCommand(model: string, version: string, image: core.ContainerImage): string {
    judgeCall(this, (faults) => VERSION(version, 'version', faults));
    return commands.publish({
      files: `s3://${this.artifactBucket.bucketName}/models/${model}/${version}/`,
      groupName: this.modelPackageGroupName(model),
      version,
      imageUri: this.repository(image.name).repositoryUriForTag(defaultText(image.tag)),
      approved: !this.approvalRequired(model),
    });
  }

  public approveCommand(model: string, version: string): string {
    judgeCall(this, (faults) => VERSION(version, 'version', faults));
    return commands.approve(
      arn(this, 'sagemaker', 'model-package', `${this.modelPackageGroupName(model)}/${version}`),
    );
  }

  public pushCommand(image: string, tag: string): string {
    judgeTag(this, tag);
    return commands.push(this.repository(image), tag);
  }

  /** @internal */
  public _readPermissions(): Permission[] {
    const repositories = [...this._repositories.values()].map(({ repositoryArn }) => repositoryArn);
    return [
      ...readPermissions(this.artifactBucket, 'models/'),
      { actions: ['sagemaker:DescribeModelPackageGroup'], resources: this.groupArns() },
      {
        // IAM asks of lists for the versions, not for the group.
        actions: ['sagemaker:DescribeModelPackage', 'sagemaker:ListModelPackages'],
        resources: this.packageArns(),
        wildcard: 'The versions of the models are numbered as they come.',
      },
      ...(repositories.length ? pullPermissions(repositories) : []),
    ];
  }

  /** @internal */
  public _publishPermissions(): Permission[] {
    const repositories = [...this._repositories.values()].map(({ repositoryArn }) => repositoryArn);
    return [
      ...writePermissions(this.artifactBucket, 'models/'),
      {
        actions: ['sagemaker:CreateModelPackage', 'sagemaker:UpdateModelPackage'],
        resources: [...this.groupArns(), ...this.packageArns()],
        wildcard: 'The versions of the models are numbered as they come.',
      },
      ...(repositories.length ? [{ actions: PUSH, resources: repositories }] : []),
    ];
  }

  private groupArns(): string[] {
    return [...this._models.values()].map(({ groupName }) =>
      arn(this, 'sagemaker', 'model-package-group', groupName),
    );
  }

  private packageArns(): string[] {
    return [...this._models.values()].map(({ groupName }) =>
      arn(this, 'sagemaker', 'model-package', `${groupName}/*`),
    );
  }

  private find<T>(declared: ReadonlyMap<string, T>, what: string, name: string): T {
    return findDeclared(this, declared, what, name);
  }
}

/**
 * A model registry on AWS: a SageMaker model package group per model, a versioned bucket for their files, an ECR
 * repository per image with scanning on push and immutable tags. Idle, it bills for the stored bytes.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws, core } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const registry = new aws.ModelRegistry(stack, 'Registry', {
 *   models: [{ name: 'fraud-detector', approvalRequired: true }],
 *   images: ['serve'],
 *   notify: ['ml@example.com'],
 * });
 * const image = registry.image('serve', '7');
 * const version = registry.model('fraud-detector').version(core.DeployParameter.of('FraudVersion', '7'));
 */
export class ModelRegistry extends ModelRegistryBase {
  /**
   * A registry that exists already, also one of another account.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its parts
   */
  public static fromAttributes(scope: Construct, id: string, props: FromRegistryProps): IModelRegistry {
    return new ImportedRegistry(scope, id, props);
  }

  public readonly artifactBucket: s3.IBucket;
  /**
   * The shell command that empties the registry, without which CloudFormation refuses to destroy it; undefined where
   * data is retained.
   */
  public readonly emptyCommand?: string;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, ecr.IRepository>;
  /** @internal */
  protected readonly _models: ReadonlyMap<
    string,
    { readonly groupName: string; readonly approvalRequired: boolean }
  >;

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => {
      judgeProps(faults, struct(modelRegistryRules(CLOUD, ACCOUNT)), props);
      const { network, encryptionKey, channels } = props;
      usesAll(this, { network, encryptionKey, channels }, faults);
    });

    const key = keyFor(this, props.encryptionKey);
    // The files go through the network's gateway endpoint for S3.
    const network = props.network as INetwork | undefined;
    ['ecr.api', 'ecr.dkr', 'sagemaker.api'].forEach((service) => network?.endpoint(service));
    const bucket = storageBucket(this, 'Artifacts', {
      key,
      retention: props.retention,
      keepOldVersionsDays: 365,
    });
    this.artifactBucket = bucket;
    this.node.defaultChild = bucket.node.defaultChild;
    this._repositories = new Map(
      (props.images ?? []).map((name) => [name, this.makeRepository(name, props)]),
    );
    const groups = props.models.map(({ name, approvalRequired = false }) => ({
      name,
      approvalRequired,
      group: this.makeGroup(name, props),
    }));
    this._models = new Map(
      groups.map(({ name, approvalRequired, group }) => [
        name,
        { approvalRequired, groupName: group.modelPackageGroupName },
      ]),
    );
    this.emptyCommand = emptyCommand(this, {
      retention: props.retention,
      buckets: [bucket],
      modelPackageGroups: groups.map(({ group }) => group.modelPackageGroupName),
    });
    shareFiles(this, bucket, props);
    if (tellsAnybody(props)) {
      notifyOfApprovals(
        this,
        groups.map(({ group }) => group.modelPackageGroupName),
        props,
      );
    }
    exportAlways(
      this,
      bucket.bucketName,
      bucket.bucketArn,
      ...[...this._repositories.values()].flatMap(({ repositoryName, repositoryArn }) => [
        repositoryName,
        repositoryArn,
      ]),
    );
  }

  private makeRepository(name: string, props: ModelRegistryProps): ecr.Repository {
    const repository = new ecr.Repository(this, `Image-${name}`, {
      encryption: ecr.RepositoryEncryption.KMS,
      encryptionKey: keyFor(this, props.encryptionKey).key,
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      removalPolicy: removalPolicy(props.retention),
      emptyOnDelete: props.retention === core.DataRetention.DESTROY,
      lifecycleRules: [{ tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
    });
    // Whatever function of these accounts uses the image: the policy does not change with its users.
    const { partition, account } = Stack.of(this);
    const accounts = [account, ...(props.readers ?? []), ...(props.publishers ?? [])];
    repository.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Lambda',
        principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
        actions: PULL,
        conditions: {
          ArnLike: {
            'aws:SourceArn': accounts.map((each) => `arn:${partition}:lambda:*:${each}:function:*`),
          },
        },
      }),
    );
    shareImages(repository, props);
    return repository;
  }

  private makeGroup(model: string, props: ModelRegistryProps): sagemaker.CfnModelPackageGroup {
    const scope = new Construct(this, `Model-${model}`);
    const name = physicalName(scope, { maxLength: 63 });
    const group = new sagemaker.CfnModelPackageGroup(scope, 'Group', {
      modelPackageGroupName: name,
      modelPackageGroupPolicy: groupPolicy(this, name, props),
    });
    group.applyRemovalPolicy(removalPolicy(props.retention));
    scope.node.defaultChild = group;
    return group;
  }
}

class ImportedRegistry extends ModelRegistryBase {
  public readonly artifactBucket: s3.IBucket;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, ecr.IRepository>;
  /** @internal */
  protected readonly _models: ReadonlyMap<
    string,
    { readonly groupName: string; readonly approvalRequired: boolean }
  >;

  constructor(scope: Construct, id: string, props: FromRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => {
      if (!Object.keys(props.modelPackageGroups ?? {}).length) {
        faults.add(
          'CMC-002',
          'modelPackageGroups',
          'is required: give at least one, by the name of its model',
        );
      }
    });
    this.artifactBucket = props.artifactBucket;
    this._repositories = new Map(Object.entries(props.repositories ?? {}));
    this._models = new Map(
      Object.entries(props.modelPackageGroups).map(([name, groupName]) => [
        name,
        { groupName, approvalRequired: props.approvalRequired?.includes(name) ?? false },
      ]),
    );
  }
}
