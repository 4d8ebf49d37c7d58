import { PROJECT } from './support';
import { Refusal, Service } from '../support/service';
import type { World } from '../terraform/run';

interface Weighted {
  readonly backendService: string;
  readonly weight: number;
}

interface Target {
  readonly type?: string;
  readonly revision?: string;
  readonly percent: number;
}

interface RunService {
  readonly revisions: string[];
  /** As Terraform has it; the latest revision has it all where it is left out. */
  traffic?: Target[];
}

const COMPUTE = 'https://www.googleapis.com/compute/v1/';
const LATEST: Target = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 };

/**
 * Services of Cloud Run and the load balancer before them, as Terraform makes them and gcloud changes them. A change of a
 * service's template makes a revision.
 */
export class CloudRun {
  public readonly urlMaps = new Map<string, Weighted[]>();
  public readonly services = new Map<string, RunService>();
  private readonly backends = new Set<string>();
  private readonly templates = new Map<string, string>();

  /** Terraform's world: all is Google's own provider's, which finds what gcloud has changed. */
  public world(): World {
    return {
      hosts: {},
      attributes: (type, { name }) =>
        ({
          google_cloud_run_v2_service: { uri: `https://${name}.run.app` },
          google_compute_backend_service: { id: `projects/${PROJECT}/global/backendServices/${name}` },
        })[type] ?? {},
      refreshed: (type, args) => this.refreshed(type, args),
      managed: (action, type, args) => {
        if (type === 'google_compute_backend_service') {
          this.backends[action === 'delete' ? 'delete' : 'add'](args.name);
        } else if (type === 'google_compute_url_map' && action === 'delete') {
          this.urlMaps.delete(args.name);
        } else if (type === 'google_compute_url_map') {
          const { weighted_backend_services: all } = args.default_route_action;
          this.route(
            args.name,
            all.map(({ backend_service: backendService, weight }: any) => ({ backendService, weight })),
          );
        } else if (type === 'google_cloud_run_v2_service') {
          this.deploy(args);
        }
      },
    };
  }

  /** None of its providers calls an address that is stood in for. */
  public readonly service: Service = (method, path) => {
    throw new Refusal(404, `${method} ${path}`);
  };

  /** Gives backend services their weights, known by their path or address. */
  public route(urlMap: string, weights: Weighted[]): void {
    const unknown = weights
      .map(({ backendService }) => backendService.replace(COMPUTE, ''))
      .filter(
        (id) => !this.backends.has(/^projects\/[^/]+\/global\/backendServices\/(.+)$/.exec(id)?.[1] ?? ''),
      );
    if (unknown.length || weights.some(({ weight }) => !(weight >= 0 && weight <= 1000))) {
      throw new Refusal(400, `Invalid value for weightedBackendServices: ${JSON.stringify(weights)}`);
    }
    this.urlMaps.set(urlMap, weights);
  }

  /** Percents of the revisions that have traffic. */
  public percents(service: string): { readonly [revision: string]: number } {
    const { revisions, traffic = [LATEST] } = this.services.get(service)!;
    return Object.fromEntries(
      traffic.map(({ revision, percent }) => [revision ?? revisions.at(-1), percent]),
    );
  }

  /** Gives the traffic to revisions, all of it. */
  public assign(service: string, percents: { readonly [revision: string]: number }): void {
    const found = this.services.get(service)!;
    const all = Object.entries(percents);
    const unknown = all.map(([revision]) => revision).filter((one) => !found.revisions.includes(one));
    if (unknown.length || all.reduce((sum, [, percent]) => sum + percent, 0) !== 100) {
      throw new Refusal(400, `traffic of ${service}: ${JSON.stringify(percents)}`);
    }
    found.traffic = all.map(([revision, percent]) => ({
      type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
      revision,
      percent,
    }));
  }

  private deploy({ name, template, traffic }: { readonly [argument: string]: any }): void {
    const { revisions } = this.services.get(name) ?? { revisions: [] };
    const text = JSON.stringify(template);
    const isNew = this.templates.get(name) !== text;
    this.templates.set(name, text);
    this.services.set(name, {
      revisions: isNew
        ? [...revisions, `${name}-${String(revisions.length + 1).padStart(5, '0')}-abc`]
        : revisions,
      traffic,
    });
  }

  private refreshed(type: string, args: { readonly [argument: string]: any }): typeof args {
    if (type === 'google_compute_url_map') {
      const weighted = this.urlMaps.get(args.name)!.map(({ backendService, weight }) => ({
        backend_service: backendService.replace(COMPUTE, ''),
        weight,
      }));
      return {
        ...args,
        default_route_action: { ...args.default_route_action, weighted_backend_services: weighted },
      };
    }
    return type === 'google_cloud_run_v2_service'
      ? { ...args, traffic: this.services.get(args.name)!.traffic ?? [LATEST] }
      : args;
  }
}
