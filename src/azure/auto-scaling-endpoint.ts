import { TerraformElement, TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { endpointAlarms, SCALE_ACTIONS } from './private/auto-scaling-endpoint/alarms';
import { capture } from './private/auto-scaling-endpoint/capture';
import { invokeCommandOf, shiftCommandOf } from './private/auto-scaling-endpoint/commands';
import { allowInvoke, invokeRole } from './private/auto-scaling-endpoint/invoke';
import { EndpointPlan, judgeEndpoint } from './private/auto-scaling-endpoint/judge';
import { reportEndpoint } from './private/auto-scaling-endpoint/report';
import { moveTraffic } from './private/auto-scaling-endpoint/traffic';
import { Variant } from './private/auto-scaling-endpoint/variant';
import { azapiResource, ML_API } from './private/azapi';
import { runsAs } from './private/identity';
import { resolveImage, resolveModel } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { logWorkspace, sendLogs } from './private/logs';
import { nameOf } from './private/names';
import { homeOf } from './private/resource-group';
import { grantRole, settled } from './private/roles';
import { workspaceFor } from './private/workspace';
import { IWorkload, ManagedIdentity } from './workload';
import { findDeclared } from '../core/private/declared';
import { judgeProps, required, struct, text } from '../core/private/schema';
import { isToken } from '../core/private/tokens';
import { numberValue } from '../terraform/deploy-parameter';
import { exportAlways } from '../terraform/exports';
import { text as literally } from '../terraform/text';

/** Props of an endpoint on Azure. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /**
   * The user-assigned identity that the containers run as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly managedIdentity?: ManagedIdentity;

  /**
   * Requests that a machine is given at the same time; more wait. From 1 to 1000.
   *
   * @default 10
   */
  readonly maxConcurrentRequestsPerInstance?: number;
}

/** An online endpoint of Azure ML that can be asked for predictions. */
export interface IInvocableEndpoint extends IConstruct {
  /** The endpoint's name. */
  readonly endpointName: string;

  /** Where predictions are posted to, with a token of Microsoft Entra. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST` and prints the answer. */
  readonly invokeCommand: string;
}

/** An endpoint on Azure; as a workload it is its managed identity. */
export interface IAutoScalingEndpoint extends core.IAutoScalingEndpoint, IWorkload {
  /** The resource id of the endpoint. */
  readonly endpointId: string;

  /** Grants to native principals. */
  readonly grants: AutoScalingEndpointGrants;

  /** The native endpoint. */
  readonly endpoint: TerraformResource;

  /** The native identity that the containers run as; undefined where it was given. */
  readonly identity?: TerraformResource;

  /**
   * The native deployment of a variant.
   *
   * @param variant the variant's name
   */
  deployment(variant: string): TerraformResource;

  /**
   * What scales a variant; undefined where `scaling` names nothing to scale by.
   *
   * @param variant the variant's name
   */
  autoscaleSetting(variant: string): TerraformResource | undefined;
}

/** Props of an endpoint that exists already. */
export interface FromEndpointProps {
  /** The endpoint's name. */
  readonly endpointName: string;

  /** Where predictions are posted to: `https://<name>.<region>.inference.ml.azure.com/invocations`. */
  readonly url: string;
}

/** Grants of an endpoint to native principals. */
export class AutoScalingEndpointGrants {
  /** @internal */
  constructor(private readonly endpoint: AutoScalingEndpoint) {}

  /**
   * Lets a native principal ask for predictions.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   */
  public invoke(principalId: string): void {
    this.endpoint._allow(this.endpoint, literally(principalId), false);
  }
}

/**
 * A managed endpoint on Azure: an online endpoint of Azure Machine Learning, in the workspace that knows its models.
 * What a variant runs is a deployment whose name changes with it: the new one stands before the traffic moves, and only
 * then the old one goes. It bills for its machines while idle, and for twice as many during that. Callers send tokens
 * of Microsoft Entra.
 *
 * `network` lets requests in from that network only; the containers themselves reach outward over Azure's own network.
 * Of a secret a container gets the id, in `NAME_SECRET_ID`, and reads it as the identity whose client id is in
 * `AZURE_CLIENT_ID`. The files of a model are below `MODEL_DIR`.
 */
export class AutoScalingEndpoint extends Construct implements IAutoScalingEndpoint {
  /**
   * An endpoint that exists already, to ask it for predictions.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its name and URL
   */
  public static fromAttributes(scope: Construct, id: string, props: FromEndpointProps): IInvocableEndpoint {
    return new ImportedEndpoint(scope, id, props);
  }

  public readonly endpointName: string;
  public readonly endpointId: string;
  public readonly url: string;
  public readonly streamUrl: string;
  public readonly invokeCommand: string;
  public readonly shiftCommand: string;
  public readonly identityId: string;
  public readonly grants: AutoScalingEndpointGrants = new AutoScalingEndpointGrants(this);
  public readonly endpoint: TerraformResource;
  public readonly identity?: TerraformResource;
  /** The native Log Analytics workspace of the requests and the containers. */
  public readonly logWorkspace: TerraformResource;
  /** The native alarms that notify people. */
  public readonly alarms: TerraformResource[];
  /** The native action group that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly actionGroup?: TerraformResource;
  private readonly variants: ReadonlyMap<string, Variant>;
  private readonly roleDefinitionId: string;

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it serves and how
   * @throws ValidationError for props that Azure ML cannot honour
   */
  constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'AutoScalingEndpoint', (faults) => judgeEndpoint(this, props, faults));

    const { location } = homeOf(this);
    const workspaceId = this.workspaceOf(plan, props);
    // Unique in its region.
    this.endpointName = nameOf(this, { maxLength: 32 });
    const identity = runsAs(this, props.managedIdentity);
    this.identity = identity.resource;
    this.identityId = identity.principalId;
    const captured =
      props.capture && capture(this, props.capture, { workspaceId, endpointName: this.endpointName });
    const runs = plan.variants.map(({ variant: { container, model } }) => ({
      image: resolveImage(this, container.image),
      model: model && resolveModel(this, model),
      secrets: Object.values(container.secrets ?? {}),
    }));
    for (const { image, model, secrets } of runs) {
      [...image.roles, ...(model?.roles ?? [])].forEach(({ resource, ...role }) =>
        grantRole(this, resource, role),
      );
      secrets.forEach((secret) => secret.grantRead(this));
    }
    const properties = {
      authMode: 'AADToken',
      publicNetworkAccess: props.network ? 'Disabled' : 'Enabled',
    };
    const roles = rolesOf(this);
    this.endpoint = azapiResource(this, 'Endpoint', {
      type: `Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${ML_API}`,
      parentId: workspaceId,
      location,
      name: this.endpointName,
      identityIds: [identity.id],
      body: { kind: 'Managed', properties },
      // Put again without traffic it would lose that: `moveTraffic` puts all of it.
      lifecycle: { ignoreChanges: ['body', 'identity', 'tags'] },
      // It pulls and reads as soon as it is made.
      dependsOn: roles.length ? [settled(this, 'RolesSettled', roles)] : undefined,
    });
    this.node.defaultChild = this.endpoint;
    this.endpointId = this.endpoint.getStringAttribute('id');
    const logs = logWorkspace(this, 'Logs', {
      logRetentionDays: props.logRetentionDays,
      tables: [
        'AmlOnlineEndpointTrafficLog',
        'AmlOnlineEndpointConsoleLog',
        'AmlOnlineEndpointEventLog',
        ...(props.alarms?.noCapacity ? [SCALE_ACTIONS] : []),
      ],
    });
    this.logWorkspace = logs;
    const sent = sendLogs(this, 'SendLogs', {
      resourceId: this.endpointId,
      workspaceId: logs.id,
      logs: [{ categoryGroup: 'allLogs' }],
    });

    const variants = plan.variants.map(
      (one, i) =>
        new Variant(this, one, {
          ...runs[i],
          endpoint: this.endpoint,
          endpointName: this.endpointName,
          workspaceId,
          identityClientId: identity.clientId,
          scaling: props.scaling,
          scaled: plan.scaled,
          maxConcurrentRequestsPerInstance: props.maxConcurrentRequestsPerInstance ?? 10,
          capture: captured,
        }),
    );
    this.variants = new Map(variants.map((one) => [one.plan.variant.name, one]));
    moveTraffic(this, {
      endpointId: this.endpointId,
      identityId: identity.id,
      properties,
      variants: variants.map(({ deploymentName, plan: { variant, weight } }) => ({
        name: variant.name,
        deploymentName,
        weight,
      })),
      deployments: [...variants.map(({ deployment }) => deployment), sent],
    });
    const { alarms, namesOfRelease, group } = endpointAlarms(this, {
      alarms: props.alarms,
      logsId: logs.id,
      variants,
      most: numberValue(this, props.scaling?.maxInstances ?? 1),
    });
    this.alarms = alarms;
    this.actionGroup = group;

    this.url = `https://${this.endpointName}.${location}.inference.ml.azure.com${literally(plan.predictPath)}`;
    this.streamUrl = this.url;
    this.invokeCommand = invokeCommandOf(this.url);
    this.shiftCommand = shiftCommandOf(
      this.endpointName,
      workspaceId,
      variants.map(({ deploymentName, plan: { variant, weight } }) => ({
        variant: variant.name,
        deployment: deploymentName,
        weight,
      })),
      namesOfRelease,
      plan.variants[0].variant.model?.version,
    );
    this.roleDefinitionId = invokeRole(this).roleDefinitionResourceId;
    exportAlways(this, this.endpointId, this.identityId, this.roleDefinitionId);
    reportEndpoint(this, props, plan);
  }

  public deployment(variant: string): TerraformResource {
    return this.find(variant).deployment;
  }

  public autoscaleSetting(variant: string): TerraformResource | undefined {
    return this.find(variant).autoscale;
  }

  public grantInvoke(workload: core.IWorkload): void {
    const to = grantee(this, workload);
    this._allow(to, to.identityId, true);
  }

  /** @internal */
  public _allow(holder: IConstruct, principalId: string, servicePrincipal: boolean): void {
    const { endpointId, roleDefinitionId } = this;
    allowInvoke(holder, this, { endpointId, roleDefinitionId, principalId, servicePrincipal });
  }

  /** That of its models' registry, else that of its stack; in a network it is reached from there. */
  private workspaceOf({ registry }: EndpointPlan, props: AutoScalingEndpointProps): string {
    if (!registry) {
      return workspaceFor(this, props).id;
    }
    if (props.network && isToken(registry.workspaceId)) {
      workspaceFor(registry, { network: props.network });
    }
    return registry.workspaceId;
  }

  private find(variant: string): Variant {
    return findDeclared(this, this.variants, 'variant', variant, 'variants');
  }
}

/** The roles that the construct has so far. */
const rolesOf = (construct: IConstruct): TerraformElement[] =>
  construct.node.children.filter(
    (child): child is TerraformResource =>
      TerraformResource.isTerraformResource(child) &&
      child.terraformResourceType === 'azurerm_role_assignment',
  );

const FROM_ENDPOINT = struct<FromEndpointProps>({
  endpointName: required(text()),
  url: required(
    text({ pattern: /^https:\/\/[^/]+\/.*$/, means: 'a URL with the path that predictions are posted to' }),
  ),
});

class ImportedEndpoint extends Construct implements IInvocableEndpoint {
  public readonly endpointName: string;
  public readonly url: string;
  public readonly invokeCommand: string;

  constructor(scope: Construct, id: string, props: FromEndpointProps) {
    super(scope, id);
    judgeConstruct(this, 'InvocableEndpoint', (faults) => judgeProps(faults, FROM_ENDPOINT, props));
    const { endpointName, url } = literally(props);
    this.endpointName = endpointName;
    this.url = url;
    this.invokeCommand = invokeCommandOf(url);
  }
}
