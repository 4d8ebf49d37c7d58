import { MonitorAutoscaleSetting } from '@cdktf/provider-azurerm/lib/monitor-autoscale-setting';
import { Fn, ITerraformDependable, TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { machineVariables } from '../../../core/private/endpoints';
import { secretVariables } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { numberValue } from '../../../terraform/deploy-parameter';
import { GenericDataSource } from '../../../terraform/generic';
import { contentHash } from '../../../terraform/names';
import { text } from '../../../terraform/text';
import { AZAPI, azapiResource, ML_API } from '../azapi';
import { ResolvedImage, ResolvedModel } from '../images';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';
import { Capture } from './capture';
import { VariantPlan } from './judge';
import { scaleDeployment } from './scaling';

const ML = 'Microsoft.MachineLearningServices/workspaces';

/** What all variants of an endpoint share, and what this one runs. */
export interface VariantOptions {
  readonly endpointName: string;
  readonly endpoint: TerraformResource;
  readonly workspaceId: string;
  readonly identityClientId: string;
  readonly image: ResolvedImage;
  readonly model?: ResolvedModel;
  readonly scaling?: core.ScalingProps;
  readonly scaled: boolean;
  readonly maxConcurrentRequestsPerInstance: number;
  readonly capture?: Capture;
}

/** One variant of an endpoint: its environment, its deployment, and what scales it. */
export class Variant extends Construct {
  /** Changes with what it runs: the new deployment stands before the old one goes. */
  public readonly deploymentName: string;
  public readonly environmentVersion: TerraformResource;
  public readonly deployment: TerraformResource;
  /** Undefined where nothing scales it. */
  public readonly autoscale?: MonitorAutoscaleSetting;

  constructor(
    scope: Construct,
    public readonly plan: VariantPlan,
    private readonly options: VariantOptions,
  ) {
    super(scope, `Variant-${plan.variant.name}`);
    const { endpoint, endpointName, scaling, scaled, workspaceId } = options;
    const environment = this.environment();
    this.environmentVersion = environment.resource;
    const properties = this.properties(
      `${workspaceId}/environments/${environment.name}/versions/${environment.version}`,
    );
    const hash = contentHash(properties);
    // 32 characters with the longest name.
    this.deploymentName = `${plan.variant.name}-${isToken(hash) ? Fn.substr(hash, 0, 7) : hash.slice(0, 7)}`;
    this.deployment = this.deploy(properties, [environment.resource, ...(options.capture?.resources ?? [])]);
    if (scaled) {
      this.autoscale = scaleDeployment(this, {
        name: `${endpointName}-${this.deploymentName}`,
        endpointId: endpoint.getStringAttribute('id'),
        deploymentId: this.deployment.getStringAttribute('id'),
        deploymentName: this.deploymentName,
        scaling: scaling!,
      });
    }
  }

  /** The image, with what it answers where; a new version for every change. */
  private environment(): { name: string; version: string; resource: TerraformResource } {
    const { healthPath = '/ping', predictPath = '/invocations', port = 8080 } = this.plan.variant.container;
    const health = { path: text(healthPath), port };
    const properties = {
      image: this.options.image.uri,
      osType: 'Linux',
      inferenceConfig: {
        livenessRoute: health,
        readinessRoute: health,
        startupRoute: health,
        scoringRoute: { path: text(predictPath), port },
      },
    };
    const holder = new Construct(this, 'Environment');
    const name = nameOf(holder, { maxLength: 60 });
    const container = azapiResource(holder, 'Container', {
      type: `${ML}/environments@${ML_API}`,
      parentId: this.options.workspaceId,
      name,
      body: { properties: {} },
    });
    const version = contentHash(properties);
    const resource = azapiResource(holder, 'Version', {
      type: `${ML}/environments/versions@${ML_API}`,
      parentId: container.getStringAttribute('id'),
      name: version,
      body: { properties },
      lifecycle: { createBeforeDestroy: true },
    });
    return { name, version, resource };
  }

  /** What a deployment cannot change without its machines being replaced. */
  private properties(environmentId: string): { [property: string]: unknown } {
    const { variant, machine } = this.plan;
    const { model, capture, maxConcurrentRequestsPerInstance } = this.options;
    const { environment = {}, secrets, ...container } = variant.container;
    const probe = { period: 'PT10S', timeout: 'PT5S', initialDelay: 'PT10S' };
    const starts = container.startupTimeoutSeconds ?? 600;
    return {
      endpointComputeType: 'Managed',
      instanceType: text(machine.type),
      environmentId,
      model: model?.versionId,
      environmentVariables: {
        ...text(environment),
        ...machineVariables(machine.machine),
        ...(model && { MODEL_DIR: modelDirectory(model) }),
        ...secretVariables(secrets),
      },
      requestSettings: {
        maxConcurrentRequestsPerInstance,
        requestTimeout: `PT${container.requestTimeoutSeconds ?? 60}S`,
      },
      startupProbe: { ...probe, failureThreshold: Math.ceil(starts / 10) },
      readinessProbe: { ...probe, failureThreshold: 30 },
      livenessProbe: { ...probe, failureThreshold: 30 },
      scaleSettings: { scaleType: 'Default' },
      egressPublicNetworkAccess: 'Enabled',
      dataCollector: capture?.dataCollector,
    };
  }

  private deploy(
    properties: { readonly [property: string]: unknown },
    dependsOn: ITerraformDependable[],
  ): TerraformResource {
    const { endpoint, model, scaling, scaled, identityClientId } = this.options;
    return azapiResource(this, 'Deployment', {
      type: `${ML}/onlineEndpoints/deployments@${ML_API}`,
      parentId: endpoint.getStringAttribute('id'),
      location: homeOf(this).location,
      name: this.deploymentName,
      body: {
        kind: 'Managed',
        sku: { name: 'Default', capacity: numberValue(this, scaling?.minInstances ?? 1) },
        properties: {
          ...properties,
          environmentVariables: {
            ...(properties.environmentVariables as object),
            // What Azure's SDKs take the identity from.
            AZURE_CLIENT_ID: identityClientId,
          },
        },
      },
      more: { timeouts: { create: '90m', update: '90m', delete: '60m' } },
      dependsOn,
      lifecycle: {
        createBeforeDestroy: true,
        // Counts belong to the scaling.
        ...(scaled && { ignoreChanges: ['body.sku.capacity'] }),
        ...(model?.approvalRequired && { precondition: [this.approved(model)] }),
      },
    });
  }

  /** Nothing of Azure's checks it, so Terraform does. */
  private approved({ versionId }: ResolvedModel) {
    const version = new GenericDataSource(this, 'ModelVersion', {
      type: 'azapi_resource',
      form: AZAPI,
      arguments: {
        type: `${ML}/models/versions@${ML_API}`,
        resource_id: versionId,
        response_export_values: ['properties.tags'],
      },
    });
    const tag = `data.azapi_resource.${version.friendlyUniqueId}.output.properties.tags.approval`;
    return {
      condition: `\${try(${tag}, "") == "approved"}`,
      errorMessage: `${text(this.node.path)}: the version of the model is not approved. Approve it with registry.approveCommand, or deploy another one.`,
    };
  }
}

/** Where Azure ML puts the files: what it says in AZUREML_MODEL_DIR. */
const modelDirectory = ({ versionId }: ResolvedModel): string => {
  const [, name, version] = /\/models\/([^/]+)\/versions\/(.+)$/.exec(versionId)!;
  return `/var/azureml-app/azureml-models/${name}/${version}`;
};
