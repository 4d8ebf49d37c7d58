import { SUBSCRIPTION } from './support';
import { Answer, Refusal, Service } from '../support/service';
import type { World } from '../terraform/run';

const ML = '/providers/Microsoft.MachineLearningServices/workspaces/';
const API = '2025-06-01';

const refuse = (condition: unknown, status: number, message: string): void => {
  if (condition) {
    throw new Refusal(status, message);
  }
};

/**
 * Azure's resource manager as far as Azure Machine Learning goes: what its reference says is refused, is refused here.
 * Endpoints and deployments are made and deleted asynchronously, done at the second look. A PUT replaces.
 */
export class MachineLearning {
  /** Resources by their ids, as they were put. */
  public readonly resources = new Map<string, any>();
  /** What asynchronous operations fail with, by the kind of resource. */
  public failing: { [kind: string]: string } = {};
  private readonly operations = new Map<string, { looks: number; kind: string }>();

  /** Terraform's world: what azurerm makes has ids. */
  public world(url: string): World {
    return {
      hosts: { 'management.azure.com': url },
      attributes: (type, { name, id }) => {
        const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups`;
        return type === 'azurerm_resource_group'
          ? { id: `${group}/${name}` }
          : type.startsWith('azurerm_') && name && !id
            ? {
                id: `${group}/ml/providers/Microsoft.Test/${type.slice(8)}/${name}`,
                default_domain: 'example.azurecontainerapps.io',
              }
            : {};
      },
    };
  }

  /** The one endpoint. */
  public get endpoint(): any {
    return this.resources.get(this.endpointId);
  }

  public get endpointId(): string {
    const [id] = [...this.resources.keys()].filter((one) => /\/onlineEndpoints\/[^/]+$/.test(one));
    refuse(!id, 404, 'no endpoint');
    return id;
  }

  /** Names of what is deployed. */
  public get deployments(): string[] {
    return [...this.resources.keys()].flatMap((id) => /\/deployments\/([^/]+)$/.exec(id)?.slice(1) ?? []);
  }

  /** Gives the traffic to deployments. */
  public split(id: string, traffic: { readonly [name: string]: number }): void {
    const all = Object.entries(traffic);
    const unknown = all
      .map(([name]) => name)
      .filter((name) => !this.resources.has(`${id}/deployments/${name}`));
    refuse(unknown.length, 400, `traffic names what is not deployed: ${unknown.join(', ')}`);
    const sum = all.reduce((total, [, percent]) => total + percent, 0);
    refuse(all.length && sum !== 100 && sum !== 0, 400, 'traffic must add up to 100 or 0');
    this.resources.get(id).properties.traffic = traffic;
  }

  public readonly service: Service = (method, path, query, body, headers) => {
    refuse(headers.authorization !== 'Bearer arm', 401, 'no token');
    const operation = this.operations.get(path);
    if (operation) {
      operation.looks += 1;
      const failed = this.failing[operation.kind];
      return {
        body:
          operation.looks < 2
            ? { status: 'InProgress' }
            : failed
              ? { status: 'Failed', error: { message: failed } }
              : { status: 'Succeeded' },
      };
    }
    refuse(
      path.includes(ML) && query.get('api-version') !== API,
      400,
      `api-version ${query.get('api-version')}`,
    );
    const [parent, kind] = /^(.*?)\/([^/]+)\/[^/]+$/.exec(path)!.slice(1);
    switch (method) {
      case 'GET':
        refuse(!this.resources.has(path), 404, `${path} is not found`);
        return { body: { id: path, ...this.resources.get(path) } };
      case 'PUT':
        return this.put(path, parent, kind, body);
      case 'DELETE': {
        refuse(!this.resources.has(path), 404, `${path} is not found`);
        const name = path.split('/').at(-1)!;
        const traffic = kind === 'deployments' && this.resources.get(parent).properties.traffic?.[name];
        refuse(traffic, 400, `${name} has ${traffic} percent of the traffic`);
        const below = [...this.resources.keys()].filter((id) => id.startsWith(`${path}/`));
        refuse(kind === 'onlineEndpoints' && below.length, 409, `${path} still has ${below.join(', ')}`);
        [path, ...below].forEach((id) => this.resources.delete(id));
        return this.begin(path, kind);
      }
      default:
        throw new Refusal(405, method);
    }
  };

  private put(path: string, parent: string, kind: string, body: any): Answer {
    const fresh = !this.resources.has(path);
    const [workspace] = new RegExp(`^.*${ML}[^/]+`).exec(path) ?? [''];
    switch (kind) {
      case 'onlineEndpoints': {
        refuse(!body.location || body.properties.authMode !== 'AADToken', 400, 'location, authMode');
        refuse(!Object.keys(body.identity?.userAssignedIdentities ?? {}).length, 400, 'identity');
        const { traffic = {}, ...properties } = body.properties;
        this.resources.set(path, { ...body, properties: { ...properties, traffic: {} } });
        this.split(path, traffic);
        break;
      }
      case 'deployments': {
        refuse(!this.resources.has(parent), 404, `${parent} is not found`);
        refuse(!/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/.test(path.split('/').at(-1)!), 400, `name of ${path}`);
        const { environmentId, model } = body.properties;
        for (const id of [environmentId, model].filter(Boolean)) {
          refuse(!id.startsWith(`${workspace}/`) || !this.resources.has(id), 404, `${id} is not found`);
        }
        this.resources.set(path, body);
        break;
      }
      case 'versions':
        refuse(!this.resources.has(parent), 404, `${parent} is not found`);
        refuse(!fresh, 409, `${path} cannot be changed`);
        this.resources.set(path, body);
        break;
      default:
        this.resources.set(path, body);
    }
    return this.begin(path, kind, fresh ? 201 : 200, body);
  }

  private begin(path: string, kind: string, status = 202, body?: unknown): Answer {
    if (!['onlineEndpoints', 'deployments'].includes(kind)) {
      return { status: status === 202 ? 200 : status, body };
    }
    const operation = `${path.split('/').slice(0, 3).join('/')}/operations/${this.operations.size + 1}`;
    this.operations.set(operation, { looks: 0, kind });
    return {
      status,
      body,
      headers: { 'azure-asyncoperation': `https://management.azure.com${operation}?api-version=${API}` },
    };
  }
}
