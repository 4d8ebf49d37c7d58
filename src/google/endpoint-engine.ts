import { mark } from '../core/private/brand';
import { judgeValue } from '../core/private/faults';
import { integer, judgeProps, literal, Schema, struct, text } from '../core/private/schema';

/** The services of Google Cloud that run an endpoint. */
export enum EndpointEngineKind {
  /** Online prediction of Vertex AI. */
  VERTEX_AI = 'vertex-ai',
  /** Services of Cloud Run. */
  CLOUD_RUN = 'cloud-run',
}

/** Options of an endpoint on Cloud Run. */
export interface CloudRunEngineOptions {
  /**
   * Processors of an instance: 1, 2, 4 or 8.
   *
   * @default - the fewest that go with the memory
   */
  readonly cpu?: number;

  /**
   * Memory of an instance in MiB, from 512 to 32768. What is written to files is memory too.
   *
   * @default - the least with the accelerator: 16384 with an L4; 8192 without
   */
  readonly memoryMiB?: number;

  /**
   * The name that the endpoint gets behind a load balancer of its own, such as `fraud.example.com`: needed by several
   * variants, whose traffic the load balancer splits. Its DNS record is yours to make; the certificate is Google's,
   * and becomes valid when the record leads to the endpoint's address. Not with `network`.
   *
   * @default - none: the one variant is asked at the URL of its service
   */
  readonly hostName?: string;
}

const OPTIONS: Schema<CloudRunEngineOptions> = {
  cpu: integer({ min: 1, max: 8 }),
  memoryMiB: integer({ min: 512, max: 32768, because: 'EndpointEngine.vertexAi() has machines with more' }),
  hostName: literal(
    text({
      pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      maxLength: 64,
      means: 'a name such as fraud.example.com, in lower case, at most 64 characters',
    }),
  ),
};

/** The service of Google Cloud that runs an endpoint. */
export class EndpointEngine {
  /**
   * Online prediction of Vertex AI: every accelerator, spot and reserved machines, capture to BigQuery, approval checked.
   * Its models are deployed by the Terraform provider `magodo/restful` of a third party. The default.
   */
  public static vertexAi(): EndpointEngine {
    return new EndpointEngine(EndpointEngineKind.VERTEX_AI);
  }

  /**
   * Services of Cloud Run, by nothing but Google's own Terraform provider: instances with none or one L4, scaled by
   * concurrent requests, requests of up to an hour, streamed answers, models mounted from the registry's bucket.
   *
   * @param options the size of an instance, the name of the endpoint
   */
  public static cloudRun(options: CloudRunEngineOptions = {}): EndpointEngine {
    judgeValue('EndpointEngine.cloudRun', (faults) => judgeProps(faults, struct(OPTIONS), options));
    return new EndpointEngine(EndpointEngineKind.CLOUD_RUN, options.cpu, options.memoryMiB, options.hostName);
  }

  private constructor(
    /** Which of the two. */
    public readonly kind: EndpointEngineKind,
    /** Processors of an instance of Cloud Run. */
    public readonly cpu?: number,
    /** Memory of an instance of Cloud Run in MiB. */
    public readonly memoryMiB?: number,
    /** The endpoint's name behind a load balancer. */
    public readonly hostName?: string,
  ) {
    mark(this, 'EndpointEngine');
  }
}
