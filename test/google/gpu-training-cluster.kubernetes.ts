import { deployed, execute, Raised } from './gpu-training-cluster.workflow';
import { all, Synthesized } from './support';
import * as google from '../../src/google';

/** What Kubernetes says of a job so many seconds after it was let start. */
export type Status = (seconds: number, job: any) => object;

/** A job whose nodes run at once and end well. */
export const done =
  (after: number): Status =>
  (seconds, { spec }) =>
    seconds < after
      ? { ready: spec.completions, active: spec.completions }
      : { succeeded: spec.completions, conditions: [{ type: 'Complete', status: 'True' }] };

/** A job that Kubernetes gives up. */
export const failed =
  (after: number, message: string): Status =>
  (seconds, { spec }) =>
    seconds < after
      ? { ready: spec.completions }
      : { failed: 1, conditions: [{ type: 'Failed', status: 'True', message }] };

/** A job that has so many machines, and gets no more. */
export const waiting =
  (ready = 0): Status =>
  () => ({ ready, active: 4 });

/** A Kubernetes API that holds what it is sent, as far as the workflow uses it. */
export class Kubernetes {
  public readonly objects = new Map<string, any>();
  public readonly deleted: { name: string; query: any }[] = [];
  private readonly since = new Map<string, number>();

  constructor(private readonly statuses: Status[]) {}

  /** A job of somebody else. */
  public add(jobs: string, name: string, job: object): void {
    this.objects.set(`${jobs}/${name}`, job);
  }

  public readonly request = (args: any, seconds: number): any => {
    const { method, path, body, query } = args;
    if (method === 'POST') {
      const key = `${path}/${body.metadata.name}`;
      if (this.objects.has(key)) throw new Raised({ code: 409, tags: ['HttpError'] });
      this.objects.set(key, structuredClone(JSON.parse(JSON.stringify(body))));
      return { code: 201, body };
    }
    if (method === 'GET' && path.endsWith('/jobs')) {
      return { body: { items: this.jobs(path).map((name) => this.look(`${path}/${name}`, seconds)) } };
    }
    if (!this.objects.has(path)) throw new Raised({ code: 404, tags: ['HttpError'] });
    if (method === 'GET') return { body: this.look(path, seconds) };
    if (method === 'PUT') {
      expect(body.spec.suspend).toBe(false);
      // What is sent of the status counts for nothing.
      this.objects.set(path, JSON.parse(JSON.stringify({ ...body, status: undefined })));
      this.since.set(path, seconds);
      return { body };
    }
    expect(method).toBe('DELETE');
    this.objects.delete(path);
    this.deleted.push({ name: path.split('/').pop()!, query });
    return { body: {} };
  };

  public jobs(path: string): string[] {
    return [...this.objects.keys()]
      .filter((key) => key.startsWith(`${path}/`))
      .map((key) => key.split('/').pop()!);
  }

  private look(path: string, seconds: number): any {
    const job = this.objects.get(path);
    const since = this.since.get(path);
    const nth = Number(/-(\d+)$/.exec(path)?.[1] ?? 1) - 1;
    const status = this.statuses[nth] ?? this.statuses[this.statuses.length - 1];
    return JSON.parse(
      JSON.stringify({
        ...job,
        status: job.status ?? (since === undefined ? {} : status(seconds - since, job)),
      }),
    );
  }
}

const definitionOf = (json: Synthesized): any =>
  JSON.parse(deployed(json, all(json, 'google_workflows_workflow')[0].source_contents));

/** Runs a job of the one cluster of a stack. */
export function runOn(
  kubernetes: { request(args: any, seconds: number): any },
  json: Synthesized,
  input: object = {},
): ReturnType<typeof execute> {
  return execute(definitionOf(json), { run: 'r1', ...input }, [], { 'gke.request': kubernetes.request });
}

/** An engine on a cluster that exists. */
export const SHARED = google.TrainingEngine.gke({ cluster: { clusterName: 'shared' } });
