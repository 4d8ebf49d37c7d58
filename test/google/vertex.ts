import { PROJECT, REGION } from './support';
import { Answer, Refusal, Service } from '../support/service';
import type { World } from '../terraform/run';

interface Deployed {
  readonly id: string;
  readonly displayName: string;
  readonly model: string;
  dedicatedResources?: object;
}

interface Endpoint {
  readonly deployedModels: Deployed[];
  trafficSplit: { [id: string]: number };
  description?: string;
}

interface Version {
  readonly versionId: string;
  versionAliases: string[];
  readonly artifactUri?: string;
}

/** What gcloud and Terraform sign with. */
export const TOKEN = 'ya29.token';

const refuse = (condition: unknown, status: number, message: string): void => {
  if (condition) {
    throw new Refusal(status, message);
  }
};

/**
 * Vertex AI as far as endpoints and models go: what its reference says is refused, is refused here. Long operations are
 * done at the second look.
 */
export class Vertex {
  public readonly models = new Map<string, Version[]>();
  public readonly endpoints = new Map<string, Endpoint>();
  /** What long operations fail with, by the last part of their path. */
  public failing: { [call: string]: string } = {};
  private readonly operations = new Map<string, { looks: number; call: string }>();

  /** Terraform's world: what Google's own provider makes are endpoints, which must be empty when they go. */
  public world(url: string): World {
    return {
      hosts: { [`${REGION}-aiplatform.googleapis.com`]: url },
      attributes: (type, { name, location }) =>
        ({
          google_client_config: { access_token: TOKEN },
          google_bigquery_connection: { cloud_resource: [{ service_account_id: 'lake@example.com' }] },
          google_cloud_run_v2_service: { uri: `https://${name}.run.app` },
          google_vertex_ai_endpoint: {
            id: `projects/${PROJECT}/locations/${location}/endpoints/${name}`,
            dedicated_endpoint_dns: `https://${name}.${location}-1.prediction.vertexai.goog`,
          },
        })[type] ?? {},
      managed: (action, type, { name, location }) => {
        const endpoint = `projects/${PROJECT}/locations/${location}/endpoints/${name}`;
        if (type === 'google_vertex_ai_endpoint' && action === 'create') {
          this.endpoints.set(endpoint, { deployedModels: [], trafficSplit: {} });
        } else if (type === 'google_vertex_ai_endpoint' && action === 'delete') {
          const { deployedModels } = this.endpoint(endpoint);
          refuse(deployedModels.length, 400, `${endpoint} has deployed models`);
          this.endpoints.delete(endpoint);
        }
      },
    };
  }

  /** A version more of a model. */
  public upload(name: string, aliases: string[] = [], artifactUri?: string): Version {
    const versions = this.models.get(name) ?? [];
    const version = { versionId: String(versions.length + 1), versionAliases: aliases, artifactUri };
    this.models.set(name, [...versions, version]);
    return version;
  }

  /** A version by its number or alias. */
  public version(name: string): Version {
    const [model, which = '1'] = name.split('@');
    const found = this.models
      .get(model)
      ?.find(({ versionId, versionAliases }) => versionId === which || versionAliases.includes(which));
    refuse(!found, 404, `Model version ${name} is not found.`);
    return found!;
  }

  public endpoint(name: string): Endpoint {
    const found = this.endpoints.get(name);
    refuse(!found, 404, `Endpoint ${name} is not found.`);
    return found!;
  }

  /** Gives the traffic to deployments. */
  public split(name: string, trafficSplit: { [id: string]: number }): void {
    const endpoint = this.endpoint(name);
    const ids = endpoint.deployedModels.map(({ id }) => id);
    const all = Object.entries(trafficSplit);
    const unknown = all.map(([id]) => id).filter((id) => !ids.includes(id));
    refuse(unknown.length, 400, `traffic_split has ids that are not deployed: ${unknown.join(', ')}`);
    refuse(
      all.length && all.reduce((sum, [, percent]) => sum + percent, 0) !== 100,
      400,
      'traffic_split must add up to 100',
    );
    endpoint.trafficSplit = trafficSplit;
  }

  public readonly service: Service = (method, path, query, body, headers) => {
    refuse(headers.authorization !== `Bearer ${TOKEN}`, 401, 'no token');
    const [, name] = /^\/v1\/(.+)$/.exec(path) ?? [];
    refuse(!name, 404, path);
    const [, resource, verb] = /^(.*?)(?::([a-zA-Z]+))?$/.exec(name)!;
    const call = `${method} ${verb ?? resource.split('/').at(-2)}`;
    switch (call) {
      case 'GET operations':
        return this.look(resource);
      case 'GET endpoints':
        return { body: { name: resource, ...this.endpoint(resource) } };
      case 'GET models':
        return { body: { name: resource, ...this.version(resource) } };
      case 'POST upload': {
        const model = `${resource}/${body.modelId}`;
        refuse(!/^[a-z_][a-z0-9_-]{0,62}$/.test(body.modelId), 400, `modelId ${body.modelId}`);
        refuse(this.models.has(model), 409, `${model} is there already`);
        refuse(!body.model?.containerSpec?.imageUri || !body.model.displayName, 400, 'model');
        return this.begin(resource, 'upload', () => this.upload(model, [], body.model.artifactUri));
      }
      case 'DELETE models': {
        refuse(!this.models.has(resource), 404, resource);
        const user = [...this.endpoints].find(([, one]) =>
          one.deployedModels.some(({ model }) => model === resource),
        );
        refuse(user, 400, `${resource} is deployed to ${user?.[0]}`);
        return this.begin(resource, 'delete', () => this.models.delete(resource));
      }
      case 'POST deployModel': {
        const endpoint = this.endpoint(resource);
        const deployed: Deployed = body.deployedModel;
        refuse(!/^[1-9]\d{0,9}$/.test(deployed.id), 400, `deployedModel.id ${deployed.id}`);
        refuse(
          endpoint.deployedModels.some(({ id }) => id === deployed.id),
          400,
          `${deployed.id} is deployed`,
        );
        refuse(!this.models.has(deployed.model), 404, `Model ${deployed.model} is not found.`);
        return this.begin(resource, 'deployModel', () => endpoint.deployedModels.push(deployed));
      }
      case 'POST mutateDeployedModel': {
        const { id, dedicatedResources, ...others } = body.deployedModel;
        const deployed = this.endpoint(resource).deployedModels.find((one) => one.id === id);
        refuse(!deployed, 404, `${id} is not deployed`);
        const mask: string[] = body.updateMask.split(',');
        const allowed = /^dedicatedResources\.(minReplicaCount|maxReplicaCount|autoscalingMetricSpecs)$/;
        refuse(
          Object.keys(others).length || !mask.every((one) => allowed.test(one)),
          400,
          `updateMask ${mask}`,
        );
        return this.begin(resource, 'mutateDeployedModel', () => {
          deployed!.dedicatedResources = { ...deployed!.dedicatedResources, ...dedicatedResources };
        });
      }
      case 'POST undeployModel': {
        const endpoint = this.endpoint(resource);
        const at = endpoint.deployedModels.findIndex(({ id }) => id === body.deployedModelId);
        refuse(at < 0, 404, `${body.deployedModelId} is not deployed`);
        refuse(endpoint.trafficSplit[body.deployedModelId], 400, `${body.deployedModelId} has traffic`);
        return this.begin(resource, 'undeployModel', () => endpoint.deployedModels.splice(at, 1));
      }
      case 'PATCH endpoints': {
        // The API takes a field that does not repeat once.
        refuse(query.getAll('updateMask').length > 1, 400, 'updateMask repeats');
        const mask = query.getAll('updateMask').flatMap((one) => one.split(','));
        const { description, trafficSplit, ...others } = body;
        refuse(Object.keys(others).length || !mask.includes('trafficSplit'), 400, `updateMask ${mask}`);
        this.split(resource, trafficSplit);
        if (mask.includes('description')) {
          this.endpoint(resource).description = description;
        }
        return { body: { name: resource, ...this.endpoint(resource) } };
      }
      case 'POST mergeVersionAliases': {
        const version = this.version(resource);
        version.versionAliases = [...new Set([...version.versionAliases, ...body.versionAliases])];
        return { body: { name: resource, ...version } };
      }
      default:
        throw new Refusal(404, call);
    }
  };

  private begin(resource: string, call: string, effect: () => void): Answer {
    if (!this.failing[call]) {
      effect();
    }
    const name = `${resource.split('/').slice(0, 4).join('/')}/operations/${this.operations.size + 1}`;
    this.operations.set(name, { looks: 0, call });
    return { body: { name } };
  }

  private look(name: string): Answer {
    const operation = this.operations.get(name);
    refuse(!operation, 404, name);
    operation!.looks += 1;
    if (operation!.looks < 2) {
      return { body: { name } };
    }
    const error = this.failing[operation!.call];
    return {
      body: { name, done: true, ...(error ? { error: { code: 3, message: error } } : { response: {} }) },
    };
  }
}
