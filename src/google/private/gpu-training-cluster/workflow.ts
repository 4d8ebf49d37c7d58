import { Literals } from './environment';
import { COMMAND } from './judge';
import { customJob, JobProps, Json, ofRun, STRATEGIES, variables, workerPool } from './request';
import { CapacityKind } from '../../../core';

export interface WorkflowProps {
  /** The command of a run that names none. */
  readonly command?: string[];
  readonly environment: Record<string, string>;
  /** Labels of jobs. */
  readonly labels: Readonly<Record<string, string>>;
}

type Texts = Record<string, string>;

/** How an engine runs a job, from the variables `run`, `nodes` and `command`, and variables and labels of the job as Workflows takes them. */
export type JobSteps = (environment: Texts, labels: Texts) => Json[];

/** Codes of errors that are the service's or a lost machine's: exhausted, aborted, internal, unavailable. */
const LOST = [8, 10, 13, 14];

/** The event in the log that tells of a job which waits for machines. */
export const WAITS = 'waits-for-machines';

const AUTH = { type: 'OAuth2' };

/** The steps of a workflow, by name, in their order. */
export const steps = (named: Json): Json[] => Object.entries(named).map(([name, step]) => ({ [name]: step }));

/** The first condition that holds decides. */
export const either = (...conditions: [string, Json][]): Json => ({
  switch: conditions.map(([condition, then]) => ({ condition: `\${${condition}}`, ...then })),
});

export const assign = (variablesOf: Json): Json => ({
  assign: Object.entries(variablesOf).map(([name, value]) => ({ [name]: value })),
});

/** Tells, once, that the job of a variable waits for machines, and goes on waiting. */
export const tellWaiting = (job: string): Json => ({
  tell: {
    call: 'sys.log',
    args: { severity: 'WARNING', json: { event: WAITS, job: `\${${job}}`, run: '${run}' } },
  },
  tellOnce: { ...assign({ told: true }), next: 'wait' },
});

/** The definition of the workflow: judges what the caller gave, then runs the job. */
export function workflow(props: WorkflowProps, job: JobSteps): Json {
  const literals = new Literals();
  const usual = props.command?.map((word) => literals.of(word)) ?? null;
  const ofAll = (texts: Readonly<Texts>): Texts =>
    Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, literals.of(value)]));
  const [environment, labels] = [ofAll(props.environment), ofAll(props.labels)];
  return {
    main: {
      params: ['input'],
      steps: [
        ...steps({
          constants: assign({
            problem: `The input takes command (${usual ? 'optional, ' : ''}a list of 1 to ${COMMAND.items} texts of at most ${COMMAND.characters} characters), nodes (a whole number, 1 where it is left out) and run (a name of at most 63 letters, digits, _ and -), and nothing else.`,
            encoded: literals.encoded,
            usual,
          }),
        }),
        ...checks(),
        ...job(environment, labels),
      ],
    },
  };
}

/** Callers choose command, nodes and run, nothing else. */
function checks(): Json[] {
  const refused = { raise: { code: 400, message: '${problem}' } };
  return steps({
    checkInput: either(['get_type(input) != "map"', refused]),
    checkKeys: {
      for: {
        value: 'key',
        in: '${keys(input)}',
        steps: steps({
          checkKey: either(['key != "command" and key != "nodes" and key != "run"', refused]),
        }),
      },
    },
    readInput: assign({
      // A run without a name is named by its execution.
      run: '${default(map.get(input, "run"), sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID"))}',
      nodes: '${default(map.get(input, "nodes"), 1)}',
      command: '${default(map.get(input, "command"), usual)}',
    }),
    checkTypes: either(
      ['get_type(run) != "string"', refused],
      ['get_type(nodes) != "integer"', refused],
      ['get_type(command) != "list"', refused],
    ),
    checkValues: either(
      ['not(text.match_regex(run, "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"))', refused],
      [`len(command) < 1 or len(command) > ${COMMAND.items}`, refused],
    ),
    checkCommand: {
      for: {
        value: 'word',
        in: '${command}',
        steps: steps({
          checkWord: either(
            ['get_type(word) != "string"', refused],
            [`len(word) < 1 or len(word) > ${COMMAND.characters}`, refused],
          ),
        }),
      },
    },
  });
}

export interface VertexProps extends JobProps {
  readonly project: string;
  readonly region: string;
  /** Minutes of waiting for machines that are told. */
  readonly tellAfterMinutes?: number;
}

/** Runs the job on Vertex AI. */
export const vertexSteps =
  (props: Omit<VertexProps, 'environment' | 'labels'>): JobSteps =>
  (environment, labels) => {
    const job = { ...props, environment, labels };
    return [...preparation(job), ...attempts(job)];
  };

/** Node 0 is a pool of its own. */
function preparation(props: VertexProps): Json[] {
  const { plan, region, project } = props;
  return steps({
    prepare: assign({
      nodes: `\${math.max(1, math.min(nodes, ${plan.maxNodes}))}`,
      prefix: props.jobPrefix,
      checkpoints: props.checkpoints,
      models: props.models,
      environment: variables(props.environment),
      pools: [workerPool(props, 1)],
      strategy: STRATEGIES[plan.capacity.kind],
      limit: plan.timeLimitHours * 3600,
      api: `https://${region}-aiplatform.googleapis.com/v1/`,
      jobs: `projects/${project}/locations/${region}/customJobs`,
      used: 0,
      waited: 0,
      retries: 0,
      ...(props.tellAfterMinutes && { told: false }),
    }),
    addWorkers: either([
      'nodes > 1',
      {
        steps: steps({
          concat: assign({
            workers: workerPool(props, '${nodes - 1}'),
            pools: '${list.concat(pools, workers)}',
          }),
        }),
      },
    ]),
  });
}

/** Starts the job, as often as it takes and is allowed, and asks for its state ever more seldom. */
function attempts(props: VertexProps): Json[] {
  const { plan, tellAfterMinutes } = props;
  const { kind, fallback, maxWaitHours = 0 } = plan.capacity;
  const spot = kind === CapacityKind.SPOT;
  const waitSeconds = maxWaitHours * 3600;
  const nowhere = fallback ? { next: 'onDemand' } : { next: 'fail' };
  return steps({
    start: assign({ since: '${sys.now()}', polls: 0, stopping: false }),
    create: {
      try: {
        call: 'http.post',
        args: { url: '${api + jobs}', auth: AUTH, body: customJob(props) },
        result: 'made',
      },
      retry: '${http.default_retry_non_idempotent}',
    },
    created: assign({ job: '${made.body.name}' }),
    wait: { call: 'sys.sleep', args: { seconds: '${math.min(300, 30 + 10 * polls)}' } },
    ask: {
      try: { call: 'http.get', args: { url: '${api + job}', auth: AUTH }, result: 'answer' },
      retry: '${http.default_retry}',
    },
    look: assign({
      polls: '${polls + 1}',
      state: '${answer.body.state}',
      started: '${default(map.get(answer.body, "startTime"), "")}',
      code: '${default(map.get(answer.body, ["error", "code"]), 0)}',
    }),
    ended: {
      ...either(
        [
          'state == "JOB_STATE_SUCCEEDED"',
          { return: { job: '${job}', run: '${run}', output: ofRun('models') } },
        ],
        [
          'state == "JOB_STATE_FAILED" or state == "JOB_STATE_CANCELLED" or state == "JOB_STATE_EXPIRED"',
          { next: 'account' },
        ],
        ...(spot ? ([[waitedTooLong(waitSeconds), { next: 'giveUp' }]] as [string, Json][]) : []),
        ...(tellAfterMinutes ? ([[waits(tellAfterMinutes), { next: 'tell' }]] as [string, Json][]) : []),
      ),
      next: 'wait',
    },
    ...(tellAfterMinutes && tellWaiting('job')),
    ...(spot && {
      giveUp: {
        // A job that ended meanwhile refuses.
        try: { call: 'http.post', args: { url: '${api + job + ":cancel"}', auth: AUTH } },
        except: { as: 'e', steps: steps({ refusedToStop: assign({ stopping: true }) }) },
      },
      stop: { ...assign({ stopping: true }), next: 'wait' },
    }),
    account: assign({ ran: 0 }),
    accountRun: either([
      'started != ""',
      {
        steps: steps({
          measure: assign({
            ran: '${time.parse(default(map.get(answer.body, "endTime"), answer.body.updateTime)) - time.parse(started)}',
          }),
        }),
      },
    ]),
    sum: assign({ used: '${used + ran}', waited: '${waited + sys.now() - since - ran}' }),
    decide: either(
      ['stopping and state == "JOB_STATE_CANCELLED"', nowhere],
      [
        `state != "JOB_STATE_FAILED" or not(${LOST.map((code) => `code == ${code}`).join(' or ')})`,
        { next: 'fail' },
      ],
      ['limit - used < 60', { next: 'fail' }],
      ...((kind === CapacityKind.QUEUED ? [['started == ""', { next: 'fail' }]] : []) as [string, Json][]),
      ...((spot
        ? [
            [`strategy == "SPOT" and started == "" and waited < ${waitSeconds}`, { next: 'pause' }],
            ['strategy == "SPOT" and started == ""', nowhere],
          ]
        : []) as [string, Json][]),
      [`retries >= ${plan.maxRetries}`, { next: 'fail' }],
    ),
    again: assign({ retries: '${retries + 1}' }),
    pause: { call: 'sys.sleep', args: { seconds: 60 }, next: 'start' },
    ...(fallback && { onDemand: { ...assign({ strategy: 'STANDARD' }), next: 'start' } }),
    fail: {
      raise: {
        code: '${code}',
        message:
          '${"Job " + job + " ended as " + state + ": " + default(map.get(answer.body, ["error", "message"]), "no reason was given")}',
      },
    },
  });
}

/** Once, while no machine was found. */
const waits = (minutes: number) =>
  `not(told) and started == "" and waited + sys.now() - since > ${minutes * 60}`;

const waitedTooLong = (seconds: number) =>
  `not(stopping) and strategy == "SPOT" and started == "" and waited + sys.now() - since > ${seconds}`;
