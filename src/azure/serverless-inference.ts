import { TerraformElement, TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { runsAs } from './private/identity';
import { pulledFrom, resolveImage, resolveModel } from './private/images';
import { after, CLOUD, comesBefore, judgeConstruct } from './private/judge';
import { needContainerApps } from './private/quotas';
import { grantRole, settled } from './private/roles';
import { authenticate, requestCommand, urlOf } from './private/serverless-inference/access';
import { serverlessAlarms } from './private/serverless-inference/alarms';
import { containerApp } from './private/serverless-inference/app';
import { ContainerAppsEnvironment } from './private/serverless-inference/environment';
import { CONSUMPTION } from './private/serverless-inference/machine';
import { judgeServerless } from './private/serverless-inference/rules';
import { INetwork } from './private-network';
import { IWorkload, ManagedIdentity } from './workload';
import { judgeCall } from '../core/private/faults';
import { countOf } from '../core/private/quotas';
import { report } from '../core/private/report';
import { aWorkload } from '../core/private/rules/workload';
import { judgeProps, required, struct, text } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { text as literally } from '../terraform/text';

/** An app registration of Microsoft Entra, which callers get tokens for. */
export interface EntraAuthentication {
  /** The registration's application (client) id: a GUID. Its access tokens must be of version 2. */
  readonly clientId: string;

  /**
   * The tenant whose principals may call.
   *
   * @default - the tenant of who deploys
   */
  readonly tenantId?: string;
}

/** Props of a serverless inference on Azure. */
export interface ServerlessInferenceProps extends core.ServerlessInferenceProps {
  /**
   * The user-assigned identity that the container runs as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly managedIdentity?: ManagedIdentity;

  /**
   * The app registration that callers get tokens for. Without it no caller is known, so the app can only be reached
   * from inside: from its `network`, or without one only by apps of its own environment.
   *
   * @default - none: the app is reached from inside only, and does not ask who calls
   */
  readonly authentication?: EntraAuthentication;

  /**
   * Object ids of principals that may call, besides those that were granted to. Needs `authentication`.
   *
   * @default - none
   */
  readonly allowedPrincipalIds?: string[];
}

/** An app of Container Apps that can be asked for predictions. */
export interface IInvocableContainerApp extends IConstruct {
  /** The app's name. */
  readonly endpointName: string;

  /** Where predictions are posted to. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST`, JSON, and prints the answer. */
  readonly invokeCommand: string;
}

/** A serverless inference on Azure; as a workload it is its managed identity. */
export interface IServerlessInference extends core.IServerlessInference, IWorkload {
  /** The native app. */
  readonly containerApp: TerraformResource;

  /** The native environment of the app. */
  readonly environment: TerraformResource;

  /** The native identity that the container runs as; undefined where it was given. */
  readonly identity?: TerraformResource;

  /** Grants to native principals. */
  readonly grants: ServerlessInferenceGrants;
}

/** Props of an app that exists already. */
export interface FromContainerAppProps {
  /** The app's name. */
  readonly endpointName: string;

  /** Where predictions are posted to: `https://….azurecontainerapps.io/invocations`. */
  readonly url: string;

  /**
   * The client id of the app registration that callers get tokens for.
   *
   * @default - none: it does not ask who calls
   */
  readonly clientId?: string;
}

/** Grants of a serverless inference to native principals. */
export class ServerlessInferenceGrants {
  /** @internal */
  constructor(private readonly inference: ServerlessInference) {}

  /**
   * Lets a native principal ask for predictions.
   *
   * @param principalId the object id of a user, managed identity or service principal
   */
  public invoke(principalId: string): void {
    this.inference._allow(literally(principalId));
  }
}

/**
 * A container scaled to zero on Azure: Container Apps, with serverless accelerators (one T4 or A100 per instance) in
 * the regions that have them. The model is fetched by the container from `MODEL_URI`, with the identity whose client id
 * is in `AZURE_CLIENT_ID`. Secrets are values of variables, brought from the key vault by reference.
 *
 * Memory and processors go together: 2048 MiB for each, up to 8192. Requests are answered within 240 seconds, which
 * `requestTimeoutSeconds` cannot change. An instance gets more requests than `concurrentRequestsPerInstance`, by
 * default 10, while others start. `startupTimeoutSeconds`, at most 2400, is also how long a container may hang before it
 * is started again.
 *
 * Without `authentication` it is reached from inside only. With it, and without `network`, it has an address on the
 * internet, which takes only tokens of principals that were granted to; it opens when that is settled.
 */
export class ServerlessInference extends Construct implements IServerlessInference {
  /**
   * An app of Container Apps that exists already, to ask it for predictions.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its name and URL
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    props: FromContainerAppProps,
  ): IInvocableContainerApp {
    return new ImportedApp(scope, id, props);
  }

  public readonly endpointName: string;
  public readonly url: string;
  /** The shell command that sends the file `$REQUEST`, JSON, with the identity of the Azure CLI. */
  public readonly invokeCommand: string;
  public readonly identityId: string;
  public readonly containerApp: TerraformResource;
  public readonly environment: TerraformResource;
  public readonly identity?: TerraformResource;
  /** The native Log Analytics workspace: the environment's. */
  public readonly logWorkspace: TerraformResource;
  /** The native authentication of the app; undefined without `authentication`. */
  public readonly authentication?: TerraformResource;
  /** The native alarms that `alarms` asked for. */
  public readonly alarms: TerraformResource[];
  /** The native action group that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly actionGroup?: TerraformResource;
  public readonly grants: ServerlessInferenceGrants = new ServerlessInferenceGrants(this);
  private readonly allowed: string[];

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it runs and how
   * @throws ValidationError for props that Container Apps cannot honour
   */
  constructor(scope: Construct, id: string, props: ServerlessInferenceProps) {
    super(scope, id);
    const settings = judgeConstruct(this, 'ServerlessInference', (faults) =>
      judgeServerless(this, props, faults),
    );

    const identity = runsAs(this, props.managedIdentity);
    this.identity = identity.resource;
    this.identityId = identity.principalId;
    const network = props.network as INetwork | undefined;
    const { container, machine, predictPath } = settings;
    const home = ContainerAppsEnvironment.of(this, network, machine.profile, props);
    this.environment = home.environment;
    this.logWorkspace = home.logs;

    const image = resolveImage(this, container.image);
    const model = props.model && resolveModel(this, props.model);
    [...image.roles, ...(model?.roles ?? [])].forEach(({ resource, ...role }) =>
      grantRole(this, resource, role),
    );
    Object.values(container.secrets ?? {}).forEach((secret) => secret.grantRead(this));
    const roles = rolesOf(this);
    // It pulls as soon as it is made.
    const ready = [
      ...(roles.length ? [settled(this, 'RolesSettled', roles)] : []),
      ...after(this, ...pulledFrom(image, network)),
    ];
    const app = containerApp(this, 'App', {
      settings,
      concurrentRequestsPerInstance: props.concurrentRequestsPerInstance,
      environmentId: home.environment.id,
      image,
      modelUri: model?.uri,
      identity: { id: identity.id, clientId: identity.clientId },
      outside: Boolean(network) && !props.authentication,
      openedLater: Boolean(props.authentication),
      dependsOn: ready.length ? ready : undefined,
    });
    this.containerApp = app;
    this.node.defaultChild = app;
    this.allowed = [identity.principalId, ...literally(props.allowedPrincipalIds ?? [])];
    this.authentication = props.authentication && authenticate(this, app, props.authentication, this.allowed);

    const { alarms, group } = serverlessAlarms(
      this,
      { appId: app.id, most: settings.maxInstances },
      props.alarms,
    );
    this.alarms = alarms;
    this.actionGroup = group;
    this.endpointName = app.name;
    const outside = Boolean(network ?? props.authentication);
    this.url = urlOf(app.name, home.environment.defaultDomain, outside, predictPath);
    this.invokeCommand = requestCommand(this.url, literally(props.authentication?.clientId));
    exportAlways(this, this.endpointName, this.identityId, app.id);
    this.report(props, settings.minInstances, machine.accelerator && machine.profile);
    needContainerApps(this, home.environment, machine, countOf(settings.maxInstances, 1));
  }

  /**
   * Lets a workload ask for predictions. The app keeps the list of its callers, so they stand in the same stack or in
   * one that is deployed before.
   *
   * @param workload who asks
   */
  public grantInvoke(workload: core.IWorkload): void {
    judgeCall(this, (faults) => {
      aWorkload(CLOUD)(workload, 'workload', faults);
      if (!this.authentication) {
        faults.add(
          'CMC-040',
          'workload',
          'cannot be granted to: without authentication the app knows no callers, and is reached from inside only; give authentication: { clientId, tenantId }, those of an app registration of yours, which this stack cannot make, or take AutoScalingEndpoint',
        );
      } else if (faults.none) {
        comesBefore(workload, this, 'workload', faults, 'CMC-013');
      }
    });
    this._allow(workload.identityId);
  }

  /** @internal */
  public _allow(principalId: string): void {
    judgeCall(this, (faults) => {
      if (!this.authentication) {
        faults.add('CMC-009', 'principalId', 'needs authentication: without it no caller is known');
      }
    });
    if (!this.allowed.includes(principalId)) {
      this.allowed.push(principalId);
    }
  }

  private report(
    { network, authentication }: ServerlessInferenceProps,
    minInstances: number,
    profile = CONSUMPTION,
  ): void {
    report(
      this,
      'choice',
      'Workload profile',
      `${profile}: the one of Container Apps with what was asked for.`,
    );
    report(this, 'command', 'Ask for a prediction', this.invokeCommand);
    if (minInstances) {
      report(this, 'idle-cost', 'Instances', `${minInstances} are kept ready, and bill while idle.`);
    }
    if (!network && !authentication) {
      report(
        this,
        'note',
        'Access',
        'Only apps of its own environment reach it: give network, or authentication for callers elsewhere.',
      );
    }
  }
}

/** The roles that the construct has so far. */
const rolesOf = (construct: IConstruct): TerraformElement[] =>
  construct.node.children.filter(
    (child): child is TerraformResource =>
      TerraformResource.isTerraformResource(child) &&
      child.terraformResourceType === 'azurerm_role_assignment',
  );

const FROM_APP = struct<FromContainerAppProps>({
  endpointName: required(text()),
  url: required(
    text({ pattern: /^https:\/\/[^/]+\/.*$/, means: 'a URL with the path that predictions are posted to' }),
  ),
  clientId: text(),
});

class ImportedApp extends Construct implements IInvocableContainerApp {
  public readonly endpointName: string;
  public readonly url: string;
  public readonly invokeCommand: string;

  constructor(scope: Construct, id: string, props: FromContainerAppProps) {
    super(scope, id);
    judgeConstruct(this, 'InvocableContainerApp', (faults) => judgeProps(faults, FROM_APP, props));
    const { endpointName, url, clientId } = literally(props);
    this.endpointName = endpointName;
    this.url = url;
    this.invokeCommand = requestCommand(url, clientId);
  }
}
