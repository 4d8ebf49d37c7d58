import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { apis } from './private/apis';
import { giveOnce, Grantee, ofMember, ofWorkload } from './private/grants';
import { CLOUD, grantee, judgeConstruct, usesAll } from './private/judge';
import { encryptedBy, keyFor } from './private/keys';
import { PROJECT } from './private/labels';
import * as commands from './private/model-registry/commands';
import { FROM_PROPS, VERSION } from './private/model-registry/rules';
import { tellApprovals, membersOf } from './private/model-registry/sharing';
import { physicalName, RFC1035 } from './private/names';
import { placeOf } from './private/place';
import { giveRepository, PULL, PUSH } from './private/repositories';
import { giveBucket, READ, READ_WRITE, storageBucket } from './private/storage';
import { tellsAnybody } from '../core/private/alarms';
import { findDeclared } from '../core/private/declared';
import { defaultText } from '../core/private/deploy-parameter';
import { judgeCall } from '../core/private/faults';
import { imageOf, judgeTag, modelOf } from '../core/private/registry';
import { modelRegistryRules } from '../core/private/rules/registry';
import { judgeProps, struct } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { keep } from '../terraform/kept';

/** Props of a model registry on Google Cloud. */
export interface ModelRegistryProps extends core.ModelRegistryProps {}

/** A model registry on Google Cloud. */
export interface IModelRegistry extends core.IModelRegistry {
  /** The name of the bucket that holds the models' files, below `models/<model>/<version>/`. */
  readonly artifactBucketName: string;

  /**
   * The repository of a declared image: `projects/…/locations/…/repositories/…`.
   *
   * @param image the repository's declared name
   */
  repositoryId(image: string): string;

  /**
   * The address of an image.
   *
   * @param image the repository's declared name
   * @param tag the tag
   */
  imageUri(image: string, tag: string): string;

  /**
   * The model in the Model Registry of Vertex AI: `projects/…/locations/…/models/…`. Its first version makes it.
   *
   * @param model the model's name
   */
  modelId(model: string): string;

  /**
   * Whether versions of a model must be approved: endpoints look the approval up before they deploy one.
   *
   * @param model the model's name
   */
  approvalRequired(model: string): boolean;

  /**
   * The shell command that fails unless a version was approved.
   *
   * @param model the model's name
   * @param version the version
   */
  checkApprovalCommand(model: string, version: string): string;
}

/** Props of a registry that exists already. */
export interface FromRegistryProps {
  /** The name of the bucket that holds the models' files, below `models/<model>/<version>/`. */
  readonly artifactBucketName: string;

  /**
   * The repositories by the names that `image()` takes: `projects/…/locations/…/repositories/…`.
   *
   * @default - none
   */
  readonly repositoryIds?: { [image: string]: string };

  /** The models of Vertex AI by the names that `model()` takes: `projects/…/locations/…/models/…`. */
  readonly modelIds: { [model: string]: string };

  /**
   * The models whose versions must be approved.
   *
   * @default - none
   */
  readonly approvalRequired?: string[];
}

/** Grants of a registry to native members. */
export class ModelRegistryGrants {
  /** @internal */
  constructor(private readonly registry: IModelRegistry) {}

  /**
   * Lets a native member read models and pull images.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   */
  public read(member: string): void {
    (this.registry as ModelRegistryBase)._giveRead(ofMember(this.registry, member));
  }

  /**
   * Lets a native member publish versions and push images.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   */
  public publish(member: string): void {
    (this.registry as ModelRegistryBase)._givePublish(ofMember(this.registry, member));
  }
}

interface Model {
  readonly id: string;
  readonly approvalRequired: boolean;
}

/** What a registry is, made or imported. */
abstract class ModelRegistryBase extends Construct implements IModelRegistry {
  public abstract readonly artifactBucketName: string;
  /** Grants to native members. */
  public readonly grants: ModelRegistryGrants = new ModelRegistryGrants(this);
  /** @internal */
  protected abstract readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected abstract readonly _models: ReadonlyMap<string, Model>;

  public model(name: string): core.RegisteredModel {
    return modelOf(this, this._models, name);
  }

  public image(name: string, tag: string | core.DeployParameter): core.ContainerImage {
    return imageOf(this, this._repositories, name, tag);
  }

  public repositoryId(image: string): string {
    return this.find(this._repositories, 'image', image);
  }

  public abstract imageUri(image: string, tag: string): string;

  /**
   * The bucket as commands name it: no reference to it.
   * @internal
   */
  protected get _literalBucketName(): string {
    return this.artifactBucketName;
  }

  /** @internal */
  protected _literalImageUri(image: string, tag: string): string {
    return this.imageUri(image, tag);
  }

  public modelId(model: string): string {
    return this.find(this._models, 'model', model).id;
  }

  public approvalRequired(model: string): boolean {
    return this.find(this._models, 'model', model).approvalRequired;
  }

  public grantRead(workload: core.IWorkload): void {
    this._giveRead(ofWorkload(grantee(this, workload)));
  }

  public grantPublish(workload: core.IWorkload): void {
    this._givePublish(ofWorkload(grantee(this, workload)));
  }

  public publishCommand(model: string, version: string, image: core.ContainerImage): string {
    return commands.publish({
      model: this.modelId(model),
      name: model,
      version: this.judged(version),
      files: `gs://${this._literalBucketName}/models/${model}/${version}/`,
      imageUri: this._literalImageUri(image.name, defaultText(image.tag)),
      approved: !this.approvalRequired(model),
    });
  }

  public approveCommand(model: string, version: string): string {
    return commands.approve(this.modelId(model), this.judged(version));
  }

  public checkApprovalCommand(model: string, version: string): string {
    return commands.checkApproval(this.modelId(model), this.judged(version));
  }

  public pushCommand(image: string, tag: string): string {
    judgeTag(this, tag);
    return commands.push(this._literalImageUri(image, tag));
  }

  /** @internal */
  public _giveRead(to: Grantee): void {
    giveBucket(to, this, this.artifactBucketName, READ, 'models/');
    this._repositories.forEach((id, image) => giveRepository(to, this, id, image, PULL));
  }

  /** @internal */
  public _givePublish(to: Grantee): void {
    giveBucket(to, this, this.artifactBucketName, READ_WRITE, 'models/');
    this._repositories.forEach((id, image) => giveRepository(to, this, id, image, PUSH));
    // Models of Vertex AI have no IAM of their own.
    const [, project] = [...this._models.values()][0].id.split('/');
    giveOnce(
      to,
      this,
      'roles/aiplatform.user',
      (scope, id, given) =>
        new ProjectIamMember(scope, id, {
          project,
          ...given,
          dependsOn: apis(scope, 'cloudresourcemanager'),
        }),
    );
  }

  private judged(version: string): string {
    return judgeCall(this, (faults) => {
      VERSION(version, 'version', faults);
      return version;
    });
  }

  private find<T>(declared: ReadonlyMap<string, T>, what: string, name: string): T {
    return findDeclared(this, declared, what, name);
  }
}

/**
 * A model registry on Google Cloud: models of the Vertex AI Model Registry, a versioned bucket for their files, a
 * repository of Artifact Registry per image with scanning and immutable tags. A version is approved by its alias
 * `approved-<version>`. A PrivateNetwork reaches it by Google's private addresses, for which `network` makes nothing.
 * Idle, it bills for the stored bytes; each pushed image bills once for its scan.
 */
export class ModelRegistry extends ModelRegistryBase {
  /**
   * A registry that exists already, also one of another project.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its parts
   */
  public static fromAttributes(scope: Construct, id: string, props: FromRegistryProps): IModelRegistry {
    return new ImportedRegistry(scope, id, props);
  }

  public readonly artifactBucketName: string;
  /** The native bucket that holds the models' files. */
  public readonly artifactBucket: TerraformResource;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _models: ReadonlyMap<string, Model>;
  private readonly made: ReadonlyMap<string, ArtifactRegistryRepository>;
  private readonly artifactBucketLiteral: string;

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => {
      judgeProps(faults, struct(modelRegistryRules(CLOUD, PROJECT)), props);
      const { network, encryptionKey, channels } = props;
      usesAll(this, { network, encryptionKey, channels }, faults);
    });

    const bucket = storageBucket(this, 'Artifacts', {
      key: keyFor(this, props.encryptionKey),
      retention: props.retention,
      keepOldVersionsDays: 365,
    });
    this.artifactBucket = bucket;
    this.artifactBucketName = bucket.name;
    this.artifactBucketLiteral = bucket.nameInput!;
    this.node.defaultChild = bucket;
    this.made = new Map((props.images ?? []).map((name) => [name, this.makeRepository(name, props)]));
    this._repositories = new Map([...this.made].map(([name, repository]) => [name, repository.id]));
    const { project, region } = placeOf(this);
    this._models = new Map(
      props.models.map(({ name, approvalRequired = false }) => {
        const model = new Construct(this, `Model-${name}`);
        const modelId = physicalName(model, RFC1035);
        return [name, { approvalRequired, id: `projects/${project}/locations/${region}/models/${modelId}` }];
      }),
    );
    membersOf(this, props.readers).forEach((member) => this.grants.read(member));
    membersOf(this, props.publishers).forEach((member) => this.grants.publish(member));
    if (tellsAnybody(props)) {
      tellApprovals(
        this,
        [...this._models.values()].map((model) => model.id),
        props,
      );
    }
    apis(this, 'aiplatform');
    exportAlways(
      this,
      this.artifactBucketName,
      ...[...this.made.values()].flatMap((repository) => [repository.id, repository.repositoryId]),
    );
  }

  public imageUri(image: string, tag: string): string {
    return this.address(image, tag, (repository) => repository.repositoryId);
  }

  /** @internal */
  protected _literalImageUri(image: string, tag: string): string {
    return this.address(image, tag, (repository) => repository.repositoryIdInput!);
  }

  /** @internal */
  protected get _literalBucketName(): string {
    return this.artifactBucketLiteral;
  }

  private address(
    image: string,
    tag: string,
    nameOf: (repository: ArtifactRegistryRepository) => string,
  ): string {
    this.repositoryId(image);
    const { project, region } = placeOf(this);
    return `${region}-docker.pkg.dev/${project}/${nameOf(this.made.get(image)!)}/${image}:${tag}`;
  }

  /**
   * The native repository of a declared image.
   *
   * @param image the repository's declared name
   */
  public repository(image: string): TerraformResource {
    this.repositoryId(image);
    return this.made.get(image)!;
  }

  private makeRepository(name: string, props: ModelRegistryProps): ArtifactRegistryRepository {
    const scope = new Construct(this, `Image-${name}`);
    const key = keyFor(this, props.encryptionKey);
    const repository = new ArtifactRegistryRepository(scope, 'Repository', {
      repositoryId: physicalName(scope, RFC1035),
      location: placeOf(this).region,
      format: 'DOCKER',
      kmsKeyName: key?.keyId,
      dockerConfig: { immutableTags: true },
      vulnerabilityScanningConfig: { enablementConfig: 'INHERITED' },
      cleanupPolicies: [
        {
          id: 'untagged',
          action: 'DELETE',
          condition: { tagState: 'UNTAGGED', olderThan: `${14 * 86400}s` },
        },
      ],
      dependsOn: [
        ...apis(this, 'artifactregistry', 'containerscanning'),
        ...encryptedBy(this, key, 'artifactregistry'),
      ],
    });
    keep(repository, props.retention);
    scope.node.defaultChild = repository;
    return repository;
  }
}

class ImportedRegistry extends ModelRegistryBase {
  public readonly artifactBucketName: string;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _models: ReadonlyMap<string, Model>;

  constructor(scope: Construct, id: string, props: FromRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => {
      judgeProps(faults, struct(FROM_PROPS), props);
      if (faults.none && !Object.keys(props.modelIds).length) {
        faults.add('CMC-002', 'modelIds', 'is required: give at least one, by the name of its model');
      }
    });
    this.artifactBucketName = props.artifactBucketName;
    this._repositories = new Map(Object.entries(props.repositoryIds ?? {}));
    this._models = new Map(
      Object.entries(props.modelIds).map(([name, modelId]) => [
        name,
        { id: modelId, approvalRequired: props.approvalRequired?.includes(name) ?? false },
      ]),
    );
  }

  public imageUri(image: string, tag: string): string {
    const [, project, , location, , repository] = this.repositoryId(image).split('/');
    return `${location}-docker.pkg.dev/${project}/${repository}/${image}:${tag}`;
  }
}
