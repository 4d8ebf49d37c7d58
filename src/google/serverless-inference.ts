import { TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { servingAlarms } from './private/alarms';
import { giveInvoker, invokeCommandOf, logFilterOf, metricsOf, RunService } from './private/cloud-run/access';
import { mountedModel } from './private/cloud-run/container';
import { cloudRunService } from './private/cloud-run/service';
import { Grantee, judgeCaller, ofMember, ofWorkload } from './private/grants';
import { grantee, judgeConstruct } from './private/judge';
import { keyFor } from './private/keys';
import { PROJECT } from './private/labels';
import { LogStore } from './private/logs';
import { allowContainer } from './private/permissions';
import { placeOf } from './private/place';
import { needCloudRun } from './private/quotas';
import { judgeServerless, ServerlessSettings } from './private/serverless-inference/rules';
import { WorkloadAccount } from './private/service-account';
import { INetwork } from './private-network';
import { IWorkload } from './workload';
import { countOf, together } from '../core/private/quotas';
import { report } from '../core/private/report';
import { judgeProps, required, Schema, struct, text as aText } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a serverless inference on Google Cloud. */
export interface ServerlessInferenceProps extends core.ServerlessInferenceProps {
  /**
   * The e-mail of the service account that the container runs as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly serviceAccountEmail?: string;
}

/** A service that exists already: it can be asked. */
export interface IInvocableService extends IConstruct {
  /** The service's name. */
  readonly endpointName: string;

  /** Where predictions are posted to, with an ID token of Google. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST`, JSON, and prints the answer. */
  readonly invokeCommand: string;

  /** Grants to native members. */
  readonly grants: ServerlessInferenceGrants;

  /**
   * Lets a workload ask for predictions.
   *
   * @param workload who asks
   */
  grantInvoke(workload: core.IWorkload): void;
}

/** A serverless inference on Google Cloud; as a workload it is its service account. */
export interface IServerlessInference extends core.IServerlessInference, IWorkload {
  /** Grants to native members. */
  readonly grants: ServerlessInferenceGrants;

  /** The native service of Cloud Run. */
  readonly service: TerraformResource;

  /** The native service account that the container runs as; undefined where it was given. */
  readonly serviceAccount?: TerraformResource;
}

/** Props of a service that exists already. */
export interface FromServiceProps {
  /** The service's name. */
  readonly serviceName: string;

  /** Where predictions are posted to, with the path: `https://….run.app/invocations`. */
  readonly url: string;

  /**
   * The service's project.
   *
   * @default - that of the stack
   */
  readonly project?: string;

  /**
   * The service's region.
   *
   * @default - that of the stack
   */
  readonly region?: string;
}

/** Grants of a serverless inference to native members. */
export class ServerlessInferenceGrants {
  /** @internal */
  constructor(private readonly inference: IInvocableService) {}

  /**
   * Lets a native member ask for predictions; where it has a `network`, only from inside of it.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`; never `allUsers`
   * @throws ValidationError for everybody
   */
  public invoke(member: string): TerraformResource {
    judgeCaller(this.inference, member);
    return (this.inference as InvocableInference)._giveInvoker(ofMember(this.inference, member));
  }
}

/** What a serverless inference is, made or imported. */
abstract class InvocableInference extends Construct implements IInvocableService {
  public abstract readonly endpointName: string;
  public abstract readonly url: string;
  /** Grants to native members. */
  public readonly grants: ServerlessInferenceGrants = new ServerlessInferenceGrants(this);
  /** @internal */
  protected abstract readonly _service: RunService;

  public get invokeCommand(): string {
    return invokeCommandOf(this.url);
  }

  public grantInvoke(workload: core.IWorkload): void {
    this._giveInvoker(ofWorkload(grantee(this, workload)));
  }

  /** @internal */
  public _giveInvoker(to: Grantee): TerraformResource {
    return giveInvoker(to, this, this._service);
  }
}

/**
 * A container scaled to zero on Google Cloud: a service of Cloud Run, with 1 to 8 processors, up to 32 GiB of memory and
 * an L4, whose callers need the identity of Google and the invoker role. Idle, it bills nothing but `minInstances`.
 *
 * A model's files are mounted from the registry's bucket, all of which the container may read, as `MODEL_DIR`; secrets are given by value in their
 * variables, as they are when an instance starts. With `network` it answers callers inside only, and all that it sends
 * goes through the network.
 *
 * `alarms.p99LatencyMs` watches the latency of requests within Cloud Run, cold starts included; `errorPercent` the
 * answers from 500 to 599, which count what `maxInstances` could not answer (429 does not).
 */
export class ServerlessInference extends InvocableInference implements IServerlessInference {
  /**
   * A service of Cloud Run that exists already, to ask it for predictions.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its name and URL
   */
  public static fromAttributes(scope: Construct, id: string, props: FromServiceProps): IInvocableService {
    return new ImportedService(scope, id, props);
  }

  public readonly endpointName: string;
  public readonly url: string;
  public readonly identityId: string;
  public readonly member: string;
  public readonly service: TerraformResource;
  public readonly serviceAccount?: TerraformResource;
  /** The native log bucket. */
  public readonly logBucket: TerraformResource;
  /** The native alert policies that `alarms` asked for. */
  public readonly alarms: TerraformResource[];
  /** The native notification channels of the addresses in `alarms.notify`. */
  public readonly channels: TerraformResource[];
  /** @internal */
  protected readonly _service: RunService;

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it runs and how
   * @throws ValidationError for props that Cloud Run cannot honour
   */
  constructor(scope: Construct, id: string, props: ServerlessInferenceProps) {
    super(scope, id);
    const settings = judgeConstruct(this, 'ServerlessInference', (faults) =>
      judgeServerless(this, props, faults),
    );

    const account = new WorkloadAccount(
      this,
      'Identity',
      `Serverless inference ${this.node.path}`,
      props.serviceAccountEmail,
    );
    this.serviceAccount = account.account;
    this.identityId = account.email;
    this.member = account.member;
    const model = props.model && mountedModel(this, props.model);
    const service = cloudRunService(this, 'Service', {
      ...settings,
      container: props.container,
      concurrentRequestsPerInstance: props.concurrentRequestsPerInstance,
      network: props.network as INetwork | undefined,
      key: keyFor(this, props.encryptionKey),
      email: account.email,
      model,
      allowed: allowContainer(this, props.container),
    });
    this.service = service;
    this.node.defaultChild = service;

    const { name, uri } = service;
    this.endpointName = name;
    this.url = `${uri}${text(settings.predictPath)}`;
    const { project, region } = placeOf(this);
    this._service = { project, location: region, name };
    this.logBucket = new LogStore(this, 'Logs', {
      filter: logFilterOf(name),
      retentionDays: props.logRetentionDays,
    }).bucket;
    const { alarms, channels } = servingAlarms(this, metricsOf([name]), {
      alarms: props.alarms,
      most: settings.maxInstances,
    });
    this.alarms = alarms;
    this.channels = channels;
    exportAlways(this, name, uri, account.email);
    this.tell(settings);
  }

  private tell({ size, minInstances, maxInstances }: ServerlessSettings): void {
    if (size.gpu) {
      report(
        this,
        'choice',
        'Accelerator',
        `One ${size.gpu.accelerator} per instance, without zonal redundancy.`,
      );
      needCloudRun(this, size.gpu.accelerator!, together(countOf(maxInstances, 1), countOf(minInstances, 0)));
    }
    if (minInstances) {
      report(
        this,
        'idle-cost',
        'Ready instances',
        `${minInstances} instances of ${size.memoryMiB} MiB${size.gpu ? ` with ${size.gpu.accelerator}` : ''} bill all the time.`,
      );
    }
    report(this, 'command', 'Ask for a prediction', this.invokeCommand);
  }
}

const FROM_SERVICE: Schema<FromServiceProps> = {
  serviceName: required(
    aText({ pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, means: 'the name of a service of Cloud Run' }),
  ),
  url: required(
    aText({
      pattern: /^https:\/\/[^/']+\/[^']*$/,
      means: 'the URL of a service with the path that predictions are posted to',
    }),
  ),
  project: PROJECT,
  region: aText({ pattern: /^[a-z]+-[a-z]+\d+$/, means: 'a region such as europe-west4' }),
};

class ImportedService extends InvocableInference {
  public readonly endpointName: string;
  public readonly url: string;
  /** @internal */
  protected readonly _service: RunService;

  constructor(scope: Construct, id: string, props: FromServiceProps) {
    super(scope, id);
    judgeConstruct(this, 'InvocableService', (faults) => judgeProps(faults, struct(FROM_SERVICE), props));
    const { serviceName: name, url } = props;
    const { project = placeOf(this).project, region: location = placeOf(this).region } = props;
    this.endpointName = name;
    this.url = text(url);
    this._service = { project, location, name };
  }
}
