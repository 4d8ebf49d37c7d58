import { Json, ofRun, variables } from './request';
import { assign, either, JobSteps, steps, tellWaiting } from './workflow';
import {
  COUNT_LOST,
  FAIL_PROGRAM,
  indexedJob,
  JobProps as ManifestProps,
  placeManifests,
  SERVICE,
} from '../../../terraform/kubernetes/job';

export interface GkeJobProps {
  readonly cluster: { readonly clusterName: string; readonly location: string; readonly project: string };
  readonly manifest: ManifestProps;
  readonly checkpoints: string;
  readonly models: string;
  readonly maxNodes: number;
  readonly minNodes?: number;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
  /** Hours that a job waits for machines. */
  readonly waitHours: number;
  /** Minutes of waiting for machines that are told. */
  readonly tellAfterMinutes?: number;
  /** The machines that are tried, by `ml-capacity`: the second where the first are not to be had. */
  readonly capacities: readonly string[];
}

const RETRY = '${http.default_retry}';

/** Runs the job on GKE: makes it, lets it start when it is its turn, and asks for its state ever more seldom. */
export const gkeSteps =
  (props: GkeJobProps): JobSteps =>
  (environment) => [...preparation(props, environment), ...places(props), ...job(props)];

/** A call of Kubernetes. The connector reaches control planes without an address too. */
const call = ({ cluster }: GkeJobProps, method: string, path: string, more: Json = {}): Json => ({
  call: 'gke.request',
  args: {
    project: cluster.project,
    location: cluster.location,
    cluster_id: cluster.clusterName,
    method,
    path,
    ...more,
  },
});

const ONE_JOB = '${jobs + "/" + name}';

/** Makes an object, unless it is there. */
const make = (props: GkeJobProps, path: string, body: unknown): Json => ({
  try: call(props, 'POST', path, { body }),
  retry: RETRY,
  except: {
    as: 'e',
    steps: steps({ unlessThere: either(['default(map.get(e, "code"), 0) != 409', { raise: '${e}' }]) }),
  },
});

/** Kubernetes takes `$$` for `$`, in commands and in values. */
const literally = (variable: string) => `\${text.replace_all(${variable}, "$", "$$")}`;

function preparation(props: GkeJobProps, environment: Record<string, string>): Json[] {
  const { maxNodes, minNodes, capacities, manifest } = props;
  return steps({
    prepare: assign({
      nodes: `\${math.max(1, math.min(nodes, ${maxNodes}))}`,
      least: minNodes === undefined ? '${nodes}' : `\${math.min(nodes, ${minNodes})}`,
      checkpoints: props.checkpoints,
      models: props.models,
      given: variables(environment),
      env: [],
      args: [],
      jobs: `/apis/batch/v1/namespaces/${manifest.namespace}/jobs`,
      capacity: capacities[0],
      limit: props.timeLimitHours * 3600,
      patience: props.waitHours * 3600,
      retries: props.maxRetries,
      rules: [COUNT_LOST],
      nothing: [],
      attempt: 1,
      ...(props.tellAfterMinutes && { told: false }),
    }),
    escapeEnvironment: {
      for: {
        value: 'variable',
        in: '${given}',
        steps: steps({
          escapeVariable: assign({
            one: { name: '${variable.name}', value: literally('variable.value') },
            env: '${list.concat(env, one)}',
          }),
        }),
      },
    },
    escapeCommand: {
      for: {
        value: 'word',
        in: '${command}',
        steps: steps({
          escapeWord: assign({ one: literally('word'), args: '${list.concat(args, one)}' }),
        }),
      },
    },
    tellSize: {
      assign: [
        ...added('ML_SERVICE', SERVICE),
        ...added('ML_NODES', '${string(nodes)}'),
        ...added('ML_LEAST_NODES', '${string(least)}'),
        ...added('ML_RESTARTS', '${string(retries)}'),
      ],
    },
    alone: either([
      'nodes == 1',
      { steps: steps({ failItself: assign({ one: FAIL_PROGRAM, rules: '${list.concat(rules, one)}' }) }) },
    ]),
  });
}

/** One more variable of the job. */
const added = (name: string, value: string): Json[] => [
  { one: { name, value } },
  { env: '${list.concat(env, one)}' },
];

const places = (props: GkeJobProps): Json[] =>
  placeManifests(props.manifest).flatMap(({ path, manifest }) =>
    steps({ [`make${manifest.kind as string}`]: make(props, path, manifest) }),
  );

function job(props: GkeJobProps): Json[] {
  const [, fallback] = props.capacities;
  const { tellAfterMinutes } = props;
  const hours = (seconds: string) => `string(int(${seconds} / 3600))`;
  return steps({
    start: assign({
      name: '${"job-" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID") + "-" + string(attempt)}',
      order: '${string(sys.now())}',
      since: '${sys.now()}',
      started: 0,
      polls: 0,
      ofJob: { name: 'ML_JOB', value: '${name}' },
      variablesOfJob: '${list.concat(env, ofJob)}',
    }),
    create: make(
      props,
      '${jobs}',
      indexedJob(props.manifest, {
        name: '${name}',
        run: '${run}',
        order: '${order}',
        nodes: '${nodes}',
        command: '${args}',
        environment: '${variablesOfJob}',
        capacity: '${capacity}',
        backoffLimit: '${retries * nodes}',
        podFailureRules: '${rules}',
        // If this workflow should be cancelled.
        activeDeadlineSeconds: '${limit + patience}',
      }),
    ),
    wait: { call: 'sys.sleep', args: { seconds: '${math.min(300, 30 + 10 * polls)}' } },
    ask: { try: { ...call(props, 'GET', ONE_JOB), result: 'job' }, retry: RETRY },
    look: assign({
      polls: '${polls + 1}',
      ready:
        '${default(map.get(job.body, ["status", "ready"]), 0) + default(map.get(job.body, ["status", "succeeded"]), 0)}',
      conditions: '${default(map.get(job.body, ["status", "conditions"]), nothing)}',
      state: 'Running',
      reason: '',
    }),
    lookForEnd: {
      for: {
        value: 'condition',
        in: '${conditions}',
        steps: steps({
          lookAtCondition: either([
            '(condition.type == "Complete" or condition.type == "Failed") and condition.status == "True"',
            {
              steps: steps({
                end: assign({
                  state: '${condition.type}',
                  reason: '${default(map.get(condition, "message"), "no reason was given")}',
                }),
              }),
            },
          ]),
        }),
      },
    },
    decide: {
      ...either(
        ['state == "Complete"', { return: { job: '${name}', run: '${run}', output: ofRun('models') } }],
        ['state == "Failed"', { next: 'fail' }],
        ['job.body.spec.suspend', { next: 'line' }],
        ['started == 0 and ready >= least', { next: 'begin' }],
        ['started == 0 and sys.now() - since > patience', { next: 'late' }],
        ...(tellAfterMinutes
          ? ([
              [
                `started == 0 and not(told) and sys.now() - since > ${tellAfterMinutes * 60}`,
                { next: 'tell' },
              ],
            ] as [string, Json][])
          : []),
        ['started > 0 and sys.now() - started > limit', { next: 'overtime' }],
      ),
      next: 'wait',
    },
    begin: { ...assign({ started: '${sys.now()}' }), next: 'wait' },
    ...(tellAfterMinutes && tellWaiting('name')),
    ...line(props),
    late: {
      ...assign({ state: 'Late', reason: `\${"no machines within " + ${hours('patience')} + " hours"}` }),
      next: 'stop',
    },
    overtime: assign({ state: 'Overtime', reason: `\${"not done within " + ${hours('limit')} + " hours"}` }),
    stop: {
      try: call(props, 'DELETE', ONE_JOB, { query: { propagationPolicy: 'Background' } }),
      retry: RETRY,
      // It may have gone by itself.
      except: { as: 'e', steps: steps({ gone: assign({ polls: 0 }) }) },
    },
    ...(fallback && {
      elsewhere: either([
        `state == "Late" and capacity != "${fallback}"`,
        {
          steps: steps({ other: assign({ capacity: fallback, attempt: '${attempt + 1}' }) }),
          next: 'start',
        },
      ]),
    }),
    fail: { raise: { message: '${"Job " + name + " ended as " + state + ": " + reason}' } },
  });
}

/**
 * Jobs start in the order of their submission, as many as have machines together: two jobs that have half of their
 * nodes each would wait for each other.
 */
function line(props: GkeJobProps): Json {
  return {
    line: assign({ before: 0 }),
    others: { try: { ...call(props, 'GET', '${jobs}'), result: 'others' }, retry: RETRY },
    count: {
      for: {
        value: 'other',
        in: '${others.body.items}',
        steps: steps({
          lookAtOther: assign({
            status: '${json.encode_to_string(default(map.get(other, "status"), nothing))}',
            over: '${text.match_regex(status, "\\"type\\":\\"(Complete|Failed)\\"")}',
            waits: '${default(map.get(other, ["spec", "suspend"]), false)}',
            place: '${double(default(map.get(other, ["metadata", "annotations", "ml-order"]), "0"))}',
          }),
          add: either([
            'not(over) and (not(waits) or place < double(order))',
            { steps: steps({ addNodes: assign({ before: '${before + other.spec.parallelism}' }) }) },
          ]),
        }),
      },
    },
    turn: either([`before + nodes > ${props.maxNodes}`, { next: 'wait' }]),
    resume: assign({ 'job.body.spec.suspend': false, since: '${sys.now()}' }),
    release: {
      // Where someone else changed the job meanwhile, the next look tells.
      try: call(props, 'PUT', ONE_JOB, { body: '${job.body}' }),
      except: { as: 'e', steps: steps({ changed: assign({ polls: 0 }) }) },
      next: 'wait',
    },
  };
}
