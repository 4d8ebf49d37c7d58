import { VertexAiEndpoint } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { Fn, TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { servingAlarms } from './private/alarms';
import { apis } from './private/apis';
import {
  callerRole,
  giveCaller,
  invokeCommandOf,
  metricsOf,
  pathOf,
  shiftCommandOf,
  VertexEndpoint,
} from './private/auto-scaling-endpoint/access';
import { approvalOf } from './private/auto-scaling-endpoint/approval';
import { captureDataset, captureTo } from './private/auto-scaling-endpoint/capture';
import { judgeEndpoint } from './private/auto-scaling-endpoint/judge';
import { PrivateAccess } from './private/auto-scaling-endpoint/network';
import { reportEndpoint } from './private/auto-scaling-endpoint/report';
import { trafficSplit } from './private/auto-scaling-endpoint/traffic';
import { Variant } from './private/auto-scaling-endpoint/variant';
import { Grantee, judgeCaller, ofMember, ofWorkload } from './private/grants';
import { resolveModel } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { encryptedBy, keyFor } from './private/keys';
import { PROJECT } from './private/labels';
import { LogStore } from './private/logs';
import { numericName } from './private/names';
import { allowContainer } from './private/permissions';
import { placeOf } from './private/place';
import { WorkloadAccount } from './private/service-account';
import { INetwork } from './private-network';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';
import { judgeProps, required, Schema, struct, text as aText } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of an endpoint on Google Cloud. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /**
   * Notification channels of your own that the alarms are sent to, besides `alarms.notify`, for pagers and chats:
   * `projects/…/notificationChannels/…`.
   *
   * @default - none
   */
  readonly alarmChannels?: string[];
}

/** An endpoint of Vertex AI that can be asked for predictions. */
export interface IInvocableEndpoint extends IConstruct {
  /** The endpoint's name: digits. */
  readonly endpointName: string;

  /** Where predictions are posted to, with an access token of Google. */
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

  /** The native endpoint. */
  readonly endpoint: TerraformResource;

  /** The native service account that the containers run as. */
  readonly serviceAccount: TerraformResource;

  /**
   * The native model of a variant.
   *
   * @param variant the variant's name
   */
  model(variant: string): TerraformResource;

  /**
   * The native deployment of a variant.
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
  /** @internal */
  protected abstract readonly _place: VertexEndpoint;

  public grantInvoke(workload: core.IWorkload): void {
    this._giveCaller(ofWorkload(grantee(this, workload)));
  }

  /** @internal */
  public _giveCaller(to: Grantee): TerraformResource {
    return giveCaller(to, this, this._place);
  }
}

/**
 * A managed endpoint on Google Cloud: online prediction of Vertex AI, under a DNS name of its own. Requests reach the
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
  public readonly invokeCommand: string;
  public readonly shiftCommand: string;
  public readonly identityId: string;
  public readonly member: string;
  public readonly endpoint: TerraformResource;
  public readonly serviceAccount: TerraformResource;
  /** The native call that splits the traffic. */
  public readonly traffic: TerraformResource;
  /** The native log bucket of the containers. */
  public readonly logBucket: TerraformResource;
  /** The native dataset of what is captured; undefined without `capture`. */
  public readonly captureDataset?: TerraformResource;
  /** The native forwarding rule that callers in the network use; undefined without `network`. */
  public readonly forwardingRule?: TerraformResource;
  /** The native alert policies that `alarms` asked for. */
  public readonly alarms: TerraformResource[];
  /** The native notification channels that mail people. */
  public readonly channels: TerraformResource[];
  /** @internal */
  protected readonly _place: VertexEndpoint;
  private readonly variants: ReadonlyMap<string, Variant>;

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it serves and how
   * @throws ValidationError for props that Vertex AI cannot honour
   */
  constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const plans = judgeConstruct(this, 'AutoScalingEndpoint', (faults) => judgeEndpoint(this, props, faults));

    const { project, region } = placeOf(this);
    const network = props.network as INetwork | undefined;
    const key = keyFor(this, props.encryptionKey);
    const account = new WorkloadAccount(this, 'Identity', `Endpoint ${this.node.path}`);
    this.serviceAccount = account.account;
    this.identityId = account.email;
    this.member = account.member;
    const captured = props.capture && captureDataset(this, key);
    this.captureDataset = captured;
    const endpoint = new VertexAiEndpoint(this, 'Endpoint', {
      name: numericName(this, { key: key?.keyId, private: Boolean(network) }),
      displayName: text(this.node.path.slice(-128)),
      location: region,
      encryptionSpec: key && { kmsKeyName: key.keyId },
      dedicatedEndpointEnabled: network ? undefined : true,
      privateServiceConnectConfig: network && {
        enablePrivateServiceConnect: true,
        projectAllowlist: [...new Set([project, ...hostOf(network)])],
      },
      predictRequestResponseLoggingConfig: captured && captureTo(captured, props.capture!),
      // Its traffic is set when models are deployed.
      lifecycle: { createBeforeDestroy: true, ignoreChanges: ['traffic_split'] },
      dependsOn: [...apis(this, 'aiplatform'), ...encryptedBy(this, key, 'aiplatform')],
    });
    this.endpoint = endpoint;
    this.node.defaultChild = endpoint;
    const endpointName = endpoint.name;
    this.endpointName = endpointName;

    const variants = plans.map((plan) => {
      const { name, container, model: version } = plan.variant;
      const model = version && resolveModel(this, version);
      const allowed = allowContainer(this, container, model);
      const approved = version ? approvalOf(this, name, version, model!) : [];
      return new Variant(this, plan, {
        ...{ endpointName, model, email: account.email, keyId: key?.keyId },
        ...{ scaling: props.scaling, capacity: props.capacity },
        ready: [...allowed, ...approved, ...encryptedBy(this, key, 'aiplatform')],
      });
    });
    this.variants = new Map(variants.map((one) => [one.plan.variant.name, one]));
    this.traffic = trafficSplit(this, endpointName, variants);
    const access = network && new PrivateAccess(this, 'Private', network, endpointName, variants);
    this.forwardingRule = access?.forwardingRule;

    const place = { project, location: region, endpoint: endpointName, role: callerRole(this) };
    this._place = place;
    const host = access ? access.address.address : Fn.trimprefix(endpoint.dedicatedEndpointDns, 'https://');
    this.url = `https://${host}${pathOf(place)}`;
    this.invokeCommand = invokeCommandOf(this.url, Boolean(network));
    this.shiftCommand = shiftCommandOf(place, variants);
    this.logBucket = new LogStore(this, 'Logs', {
      filter: `resource.type="aiplatform.googleapis.com/Endpoint" AND resource.labels.endpoint_id="${endpointName}"`,
      retentionDays: props.logRetentionDays,
    }).bucket;
    const { alarms, channels } = servingAlarms(this, metricsOf(endpointName), props);
    this.alarms = alarms;
    this.channels = channels;
    exportAlways(this, endpointName, endpoint.dedicatedEndpointDns, account.email, place.role);
    reportEndpoint(this, props, plans);
  }

  public model(variant: string): TerraformResource {
    return this.find(variant).model;
  }

  public deployment(variant: string): TerraformResource {
    return this.find(variant).deployment;
  }

  private find(variant: string): Variant {
    return findDeclared(this, this.variants, 'variant', variant, 'variants');
  }
}

/** The project that shares a network, where its id says so. */
const hostOf = ({ networkId }: INetwork): string[] =>
  /^projects\/([a-z][^/$]*)\//.exec(networkId)?.slice(1) ?? [];

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
  protected get _place(): VertexEndpoint {
    return { ...this.place, role: callerRole(this) };
  }
}
