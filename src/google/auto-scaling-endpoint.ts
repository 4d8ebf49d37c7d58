import { TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { EndpointEngine } from './endpoint-engine';
import * as core from '../core';
import { servingAlarms } from './private/alarms';
import {
  callerRole,
  giveCaller,
  invokeCommandOf,
  pathOf,
  VertexEndpoint,
} from './private/auto-scaling-endpoint/access';
import { cloudRunEngine, reportCloudRun } from './private/auto-scaling-endpoint/cloud-run-engine';
import { judgeEndpoint } from './private/auto-scaling-endpoint/judge';
import { EndpointParts, VariantParts } from './private/auto-scaling-endpoint/parts';
import { reportEndpoint } from './private/auto-scaling-endpoint/report';
import { vertexAiEngine } from './private/auto-scaling-endpoint/vertex-engine';
import { Grantee, judgeCaller, ofMember, ofWorkload } from './private/grants';
import { grantee, judgeConstruct } from './private/judge';
import { PROJECT } from './private/labels';
import { LogStore } from './private/logs';
import { placeOf } from './private/place';
import { WorkloadAccount } from './private/service-account';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';
import { judgeCall } from '../core/private/faults';
import { judgeProps, required, Schema, struct, text as aText } from '../core/private/schema';
import { numberValue } from '../terraform/deploy-parameter';
import { exportAlways } from '../terraform/exports';

/** Props of an endpoint on Google Cloud. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /**
   * The e-mail of the service account that the containers run as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly serviceAccountEmail?: string;

  /**
   * The service that runs it. Another one has another address.
   *
   * @default EndpointEngine.vertexAi()
   */
  readonly engine?: EndpointEngine;
}

/** An endpoint that can be asked for predictions. */
export interface IInvocableEndpoint extends IConstruct {
  /** The endpoint's name: digits on Vertex AI. */
  readonly endpointName: string;

  /** Where predictions are posted to: with an access token of Google on Vertex AI, with an ID token on Cloud Run. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST`, JSON, and prints the answer. */
  readonly invokeCommand: string;

  /** Grants to native members. */
  readonly grants: AutoScalingEndpointGrants;

  /**
   * Lets a workload ask for predictions.
   *
   * @param workload who asks
   */
  grantInvoke(workload: core.IWorkload): void;
}

/** An endpoint on Google Cloud; as a workload it is its service account. */
export interface IAutoScalingEndpoint extends core.IAutoScalingEndpoint, IWorkload {
  /** Grants to native members. */
  readonly grants: AutoScalingEndpointGrants;

  /** The native endpoint; on Cloud Run the service, or the forwarding rule of the load balancer. */
  readonly endpoint: TerraformResource;

  /** The native service account that the containers run as; undefined where it was given. */
  readonly serviceAccount?: TerraformResource;

  /**
   * The native model of a variant.
   *
   * @param variant the variant's name
   * @throws ValidationError on Cloud Run, which has none
   */
  model(variant: string): TerraformResource;

  /**
   * The native deployment of a variant; on Cloud Run its service.
   *
   * @param variant the variant's name
   */
  deployment(variant: string): TerraformResource;
}

/** Props of an endpoint that exists already. */
export interface FromEndpointProps {
  /** The endpoint's name: digits. */
  readonly endpointName: string;

  /**
   * The host that answers for it: `….prediction.vertexai.goog`.
   *
   * @default - that of Vertex AI in the region
   */
  readonly host?: string;

  /**
   * The endpoint's project.
   *
   * @default - that of the stack
   */
  readonly project?: string;

  /**
   * The endpoint's region.
   *
   * @default - that of the stack
   */
  readonly region?: string;
}

/** Grants of an endpoint to native members. */
export class AutoScalingEndpointGrants {
  /** @internal */
  constructor(private readonly endpoint: IInvocableEndpoint) {}

  /**
   * Lets a native member ask for predictions, and nothing else.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`; never `allUsers`
   * @throws ValidationError for everybody
   */
  public invoke(member: string): TerraformResource {
    judgeCaller(this.endpoint, member);
    return (this.endpoint as InvocableEndpoint)._giveCaller(ofMember(this.endpoint, member));
  }
}

/** What can be said of an endpoint, made or imported. */
abstract class InvocableEndpoint extends Construct implements IInvocableEndpoint {
  public abstract readonly endpointName: string;
  public abstract readonly url: string;
  public abstract readonly invokeCommand: string;
  /** Grants to native members. */
  public readonly grants: AutoScalingEndpointGrants = new AutoScalingEndpointGrants(this);

  public grantInvoke(workload: core.IWorkload): void {
    this._giveCaller(ofWorkload(grantee(this, workload)));
  }

  /** @internal */
  public abstract _giveCaller(to: Grantee): TerraformResource;
}

/**
 * A managed endpoint on Google Cloud: by default online prediction of Vertex AI, under a DNS name of its own. Requests reach the
 * container as they are (`rawPredict`). It bills for its machines while idle, and while a variant is replaced for its
 * new machines besides the old ones.
 *
 * Google's Terraform provider deploys no models: models, deployments and the traffic between them are made by the
 * provider `magodo/restful` of a third party, which `terraform init` downloads; synthesis says so. Models and deployments
 * are named by a hash of what they hold: a change makes new ones, moves the traffic, then takes the old ones back.
 *
 * A model's files are fetched by the container from `MODEL_URI`; a secret NAME is named by `NAME_SECRET_ID`, for the
 * container to read. With `network` the endpoint has an address in it, by Private Service Connect, and none on the
 * internet; its containers then reach no network themselves.
 *
 * With `engine: EndpointEngine.cloudRun()` each variant is a service of Cloud Run, by nothing but Google's own provider. Its
 * instances scale by `concurrentRequestsPerInstance`; a model's files are mounted as `MODEL_DIR`, secrets are given by
 * value in their variables. Several variants share the traffic by a load balancer under a name of yours. With `network`
 * it answers callers inside only, and all that it sends goes through the network. Alarms then watch the latency within
 * Cloud Run and the answers from 500 to 599. `shiftCommand` moves the weights of the load balancer; of a single variant
 * it moves traffic between revisions of the service, one of which `$VARIANT` is then.
 */
export class AutoScalingEndpoint extends InvocableEndpoint implements IAutoScalingEndpoint {
  /**
   * An endpoint of Vertex AI that exists already, to ask it for predictions.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its name and place
   */
  public static fromAttributes(scope: Construct, id: string, props: FromEndpointProps): IInvocableEndpoint {
    return new ImportedEndpoint(scope, id, props);
  }

  public readonly endpointName: string;
  public readonly url: string;
  public readonly streamUrl: string;
  public readonly invokeCommand: string;
  public readonly shiftCommand: string;
  public readonly identityId: string;
  public readonly member: string;
  public readonly endpoint: TerraformResource;
  public readonly serviceAccount?: TerraformResource;
  /** The native call that splits the traffic; on Cloud Run the URL map, undefined without `hostName`. */
  public readonly traffic?: TerraformResource;
  /** The native log bucket of the containers. */
  public readonly logBucket: TerraformResource;
  /** The native dataset of what is captured; undefined without `capture`. */
  public readonly captureDataset?: TerraformResource;
  /** The native forwarding rule: of callers in the network on Vertex AI, of `hostName` on Cloud Run; else undefined. */
  public readonly forwardingRule?: TerraformResource;
  /** The native alert policies that `alarms` asked for. */
  public readonly alarms: TerraformResource[];
  /** The native notification channels of the addresses in `alarms.notify`. */
  public readonly channels: TerraformResource[];
  private readonly parts: EndpointParts;

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it serves and how
   * @throws ValidationError for props that the engine cannot honour
   */
  constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const { vertexAi, cloudRun } = judgeConstruct(this, 'AutoScalingEndpoint', (faults) =>
      judgeEndpoint(this, props, faults),
    );

    const account = new WorkloadAccount(
      this,
      'Identity',
      `Endpoint ${this.node.path}`,
      props.serviceAccountEmail,
    );
    this.serviceAccount = account.account;
    this.identityId = account.email;
    this.member = account.member;
    const parts = cloudRun ? cloudRunEngine(this, props, cloudRun) : vertexAiEngine(this, props, vertexAi!);
    this.parts = parts;
    this.node.defaultChild = parts.main;
    this.endpoint = parts.main;
    this.endpointName = parts.endpointName;
    this.url = parts.url;
    this.streamUrl = parts.streamUrl;
    this.invokeCommand = parts.invokeCommand;
    this.traffic = parts.traffic;
    this.captureDataset = parts.captureDataset;
    this.forwardingRule = parts.forwardingRule;
    this.logBucket = new LogStore(this, 'Logs', {
      filter: parts.logFilter,
      retentionDays: props.logRetentionDays,
    }).bucket;
    const { alarms, ofRelease, channels } = servingAlarms(this, parts.metrics, {
      alarms: props.alarms,
      most: numberValue(this, props.scaling?.maxInstances ?? 1),
    });
    this.alarms = alarms;
    this.channels = channels;
    this.shiftCommand = parts.shiftCommand(ofRelease.map(({ name }) => name));
    exportAlways(this, account.email, ...parts.references);
    if (cloudRun) {
      reportCloudRun(this, props, cloudRun);
    } else {
      reportEndpoint(this, props, vertexAi!);
    }
  }

  public model(variant: string): TerraformResource {
    const { model } = this.find(variant);
    return judgeCall(this, (faults) => {
      if (!model) {
        faults.add(
          'CMC-040',
          'variant',
          `'${variant}' is a service of Cloud Run, which has no model: take deployment()`,
        );
      }
      return model!;
    });
  }

  public deployment(variant: string): TerraformResource {
    return this.find(variant).deployment;
  }

  /** @internal */
  public _giveCaller(to: Grantee): TerraformResource {
    return this.parts.invoke(to);
  }

  private find(variant: string): VariantParts {
    return findDeclared(this, this.parts.variants, 'variant', variant, 'variants');
  }
}

const FROM_ENDPOINT: Schema<FromEndpointProps> = {
  endpointName: required(aText({ pattern: /^\d{1,20}$/, means: 'the name of an endpoint: digits' })),
  host: aText({ pattern: /^[a-z0-9.-]+$/, means: 'a host name' }),
  project: PROJECT,
  region: aText({ pattern: /^[a-z]+-[a-z]+\d+$/, means: 'a region such as europe-west4' }),
};

class ImportedEndpoint extends InvocableEndpoint {
  public readonly endpointName: string;
  public readonly url: string;
  public readonly invokeCommand: string;
  private readonly place: Omit<VertexEndpoint, 'role'>;

  constructor(scope: Construct, id: string, props: FromEndpointProps) {
    super(scope, id);
    judgeConstruct(this, 'InvocableEndpoint', (faults) => judgeProps(faults, struct(FROM_ENDPOINT), props));
    const { project = placeOf(this).project, region = placeOf(this).region } = props;
    const { endpointName, host = `${region}-aiplatform.googleapis.com` } = props;
    const place = { project, location: region, endpoint: endpointName };
    this.place = place;
    this.endpointName = endpointName;
    this.url = `https://${host}${pathOf(place)}`;
    this.invokeCommand = invokeCommandOf(this.url);
  }

  /** @internal */
  public _giveCaller(to: Grantee): TerraformResource {
    return giveCaller(to, this, { ...this.place, role: callerRole(this) });
  }
}
