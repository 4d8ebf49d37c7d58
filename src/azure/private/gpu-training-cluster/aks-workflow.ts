import { askCommand, deleteCommand, devicePlugin, listOf, literally, submitCommand } from './aks-commands';
import { evaluated, literal, quoted } from './expression';
import { Json } from './job';
import { answer, chosen, compose, http, runName, succeeded, triggersOf, variable } from './workflow';
import {
  COUNT_LOST,
  FAIL_PROGRAM,
  indexedJob,
  JobProps as ManifestProps,
  Manifest,
  placeManifests,
  SERVICE,
} from '../../../terraform/kubernetes/job';
import { text } from '../../../terraform/text';

/** The version of AKS's API that commands are run with. */
const API_VERSION = '2025-10-01';

export interface AksWorkflowProps {
  /** The ARM id of the Kubernetes cluster. */
  readonly clusterId: string;
  /** The ARM id of the identity that runs commands there. */
  readonly identityId: string;
  readonly manifest: ManifestProps;
  /** Objects that jobs need besides namespace, service account and service. */
  readonly places: readonly Manifest[];
  readonly environment: Record<string, string>;
  readonly checkpoints: string;
  readonly models: string;
  readonly command?: string[];
  readonly maxNodes: number;
  readonly minNodes?: number;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
  /** Hours that a job waits for machines. */
  readonly waitHours: number;
  /** The machines that are tried, by `ml-capacity`: the second where the first are not to be had. */
  readonly capacities: readonly string[];
}

/** How long a run of a workflow may take: 90 days. */
const MOST_HOURS = 2160;
const RUN = `outputs('Run')`;
const NODES = `outputs('Nodes')`;
const status = `variables('status')`;
const started = `variables('started')`;

const set = (name: string, value: unknown, after: string[] = []): Json => ({
  type: 'SetVariable',
  inputs: { name, value },
  runAfter: succeeded(after),
});

const when = (condition: string, actions: Json, after: string[] = [], otherwise?: Json): Json => ({
  type: 'If',
  expression: evaluated(condition),
  actions,
  ...(otherwise && { else: { actions: otherwise } }),
  runAfter: succeeded(after),
});

/** AKS runs the command in a pod of its own; the action waits for what it prints. */
const runCommand = (props: AksWorkflowProps, command: string, after: string[]): Json => ({
  ...http(
    props,
    'POST',
    `https://management.azure.com${props.clusterId}/runCommand?api-version=${API_VERSION}`,
    { command: text(command) },
  ),
  runAfter: succeeded(after),
});

const resultOf = (action: string, part: string) => `body('${action}')?['properties']?['${part}']`;

/** So many hours after a moment; one that is not set yet is now. */
const isPast = (moment: string, hours: number) =>
  `greater(ticks(utcNow()), ticks(addHours(if(empty(${moment}), utcNow(), ${moment}), ${hours})))`;

/**
 * The definition of the workflow: takes command, nodes and run, makes the one job that is possible, and follows it.
 * Callers have no right in the Kubernetes cluster.
 */
export function aksWorkflow(props: AksWorkflowProps): Json {
  const { manifest, minNodes, timeLimitHours, waitHours } = props;
  return {
    $schema:
      'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    contentVersion: '1.0.0.0',
    ...triggersOf(props),
    actions: {
      ...chosen(props, literally('item()')),
      Least: compose(minNodes === undefined ? NODES : `min(${NODES}, ${minNodes})`, ['Nodes']),
      Order: compose('string(ticks(utcNow()))'),
      Given: { type: 'Compose', inputs: given(props), runAfter: succeeded(['Run', 'Nodes', 'Least']) },
      Environment: {
        type: 'Select',
        inputs: {
          from: evaluated(`outputs('Given')`),
          select: { name: evaluated(`item()?['name']`), value: literally(`item()?['value']`) },
        },
        runAfter: succeeded(['Given']),
      },
      Rules: compose(
        `if(equals(${NODES}, 1), createArray(json(${json(COUNT_LOST)}), json(${json(FAIL_PROGRAM)})), createArray(json(${json(COUNT_LOST)})))`,
        ['Nodes'],
      ),
      Places: {
        type: 'Compose',
        inputs: listOf([
          ...placeManifests(manifest).map((one) => one.manifest),
          ...props.places,
          ...(manifest.machine ? [devicePlugin(manifest.namespace)] : []),
        ]),
        runAfter: {},
      },
      Job: variable('job', 'string', `@{${jobName(1)}}`, [
        'Words',
        'Environment',
        'Order',
        'Rules',
        'Places',
      ]),
      Capacity: variable('capacity', 'string', props.capacities[0], ['Job']),
      Status: variable('status', 'string', 'InLine', ['Capacity']),
      Reason: variable('reason', 'string', '', ['Status']),
      Since: variable('since', 'string', '@{utcNow()}', ['Reason']),
      Started: variable('started', 'string', '', ['Since']),
      Answer: answer(202, { job: `@{variables('job')}`, run: `@{${RUN}}` }, succeeded(['Started'])),
      ...submission(props, '', ['Answer']),
      Until_the_job_has_ended: {
        type: 'Until',
        expression: evaluated(
          `or(contains(createArray('Complete', 'Failed', 'Late'), ${status}), and(not(empty(${started})), ${isPast(started, timeLimitHours)}))`,
        ),
        limit: { count: 5000, timeout: `PT${MOST_HOURS}H` },
        actions: tick(props),
        runAfter: succeeded(['Submitted']),
      },
      Ended: {
        ...when(`contains(createArray('Complete', 'Failed'), ${status})`, {}, [], {
          Delete: runCommand(props, deleteCommand(manifest.namespace), []),
        }),
        runAfter: { Until_the_job_has_ended: ['Succeeded', 'Failed', 'TimedOut'] },
      },
      Result: {
        ...when(`equals(${status}, 'Complete')`, {}, [], {
          Fail: fail(
            `Job @{variables('job')}: @{${status}}. @{if(equals(${status}, 'Late'), ${quoted(`No machines within ${waitHours} hours`)}, if(equals(${status}, 'Failed'), variables('reason'), ${quoted(`Not done within ${timeLimitHours} hours`)}))}`,
          ),
        }),
        runAfter: { Ended: ['Succeeded', 'Failed', 'TimedOut', 'Skipped'] },
      },
    },
  } as Json & { actions: Json };
}

const fail = (message: string): Json => ({
  type: 'Terminate',
  inputs: { runStatus: 'Failed', runError: { code: 'TrainingFailed', message } },
  runAfter: {},
});

const json = (value: object) => quoted(JSON.stringify(value));

const jobName = (attempt: number) => `concat('job-', toLower(${runName}), '-${attempt}')`;

/** The variables of a job, but for its name. */
function given({ environment, checkpoints, models, maxRetries }: AksWorkflowProps): Json[] {
  const ofRun = (folder: string) => `${literal(folder)}@{${RUN}}/`;
  return Object.entries({
    ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, literal(value)])),
    CHECKPOINT_URI: ofRun(checkpoints),
    MODEL_OUTPUT_URI: ofRun(models),
    ML_SERVICE: SERVICE,
    ML_NODES: `@{${NODES}}`,
    ML_LEAST_NODES: `@{outputs('Least')}`,
    ML_RESTARTS: `${maxRetries}`,
  }).map(([name, value]) => ({ name, value }));
}

/** Makes the job that the variables name: actions with names of their own, the last of which is `Submitted`. */
function submission(props: AksWorkflowProps, suffix: string, after: string[]): Json {
  const { maxRetries, timeLimitHours, waitHours } = props;
  const name = `Manifest${suffix}`;
  const manifest = indexedJob(props.manifest, {
    name: `@{variables('job')}`,
    run: `@{${RUN}}`,
    order: `@{outputs('Order')}`,
    nodes: evaluated(NODES),
    command: evaluated(`body('Words')`),
    environment: evaluated(
      `union(body('Environment'), createArray(json(concat('{"name":"ML_JOB","value":"', variables('job'), '"}'))))`,
    ),
    capacity: `@{variables('capacity')}`,
    backoffLimit: evaluated(`mul(${maxRetries}, ${NODES})`),
    podFailureRules: evaluated(`outputs('Rules')`),
    // If this workflow should be cancelled.
    activeDeadlineSeconds: (timeLimitHours + waitHours) * 3600,
  });
  return {
    [name]: { type: 'Compose', inputs: manifest, runAfter: succeeded(after) },
    [`Submit${suffix}`]: runCommand(props, submitCommand('Places', name), [name]),
    [`Submitted${suffix}`]: when(
      `equals(${resultOf(`Submit${suffix}`, 'exitCode')}, 0)`,
      {},
      [`Submit${suffix}`],
      {
        [`Refused${suffix}`]: fail(`Kubernetes refused the job: @{${resultOf(`Submit${suffix}`, 'logs')}}`),
      },
    ),
  };
}

/** One look at the job. A look that fails is one too few. */
function tick(props: AksWorkflowProps): Json {
  const { manifest, maxNodes, timeLimitHours, waitHours, capacities } = props;
  const told = (part: number) => `outputs('Told')?[${part}]`;
  const count = (part: number) => `int(if(empty(${told(part)}), '0', ${told(part)}))`;
  const [, fallback] = capacities;
  const again: Json = fallback
    ? {
        Elsewhere: when(
          `equals(variables('capacity'), ${quoted(fallback)})`,
          { Nowhere: set('status', 'Late') },
          ['Give_up'],
          {
            Other_machines: set('capacity', fallback),
            Other_job: set('job', `@{${jobName(2)}}`, ['Other_machines']),
            Other_start: set('since', '@{utcNow()}', ['Other_job']),
            ...submission(props, '_again', ['Other_start']),
          },
        ),
      }
    : { Nowhere: set('status', 'Late', ['Give_up']) };
  return {
    Wait: {
      type: 'Wait',
      inputs: { interval: { count: pollMinutes(timeLimitHours + 2 * waitHours), unit: 'Minute' } },
      runAfter: {},
    },
    Ask: runCommand(props, askCommand(manifest.namespace, maxNodes), ['Wait']),
    Told: compose(`split(concat(trim(coalesce(${resultOf('Ask', 'logs')}, '')), ',,,,'), ',')`, ['Ask']),
    Look: when(
      `equals(${resultOf('Ask', 'exitCode')}, 0)`,
      {
        State: set(
          'status',
          `@{if(contains(${told(3)}, 'Complete'), 'Complete', if(contains(${told(3)}, 'Failed'), 'Failed', if(equals(${told(0)}, 'true'), 'InLine', 'Running')))}`,
        ),
        Why: set('reason', `@{${told(4)}}`, ['State']),
        In_line: when(`equals(${status}, 'InLine')`, { Waits: set('since', '@{utcNow()}') }, ['Why']),
        Begin: when(
          `and(equals(${status}, 'Running'), empty(${started}), greaterOrEquals(add(${count(1)}, ${count(2)}), outputs('Least')))`,
          { Begins: set('started', '@{utcNow()}') },
          ['In_line'],
        ),
        Late: when(
          `and(equals(${status}, 'Running'), empty(${started}), ${isPast(`variables('since')`, waitHours)})`,
          { Give_up: runCommand(props, deleteCommand(manifest.namespace), []), ...again },
          ['Begin'],
        ),
      },
      ['Told'],
    ),
  };
}

/** As often as 5000 questions allow. */
const pollMinutes = (hours: number) => Math.max(5, Math.ceil((hours * 60) / 4900));
