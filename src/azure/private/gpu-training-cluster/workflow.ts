import { evaluated, literal, quoted } from './expression';
import { job, JobProps, Json } from './job';
import { text } from '../../../terraform/text';

/** What the resource manager of jobs is called with. */
const API_VERSION = '2025-06-01';

/** Statuses of a job that has ended. */
const ENDED = ['Completed', 'Failed', 'Canceled'];

export interface WorkflowProps {
  readonly job: JobProps;
  /** The ARM id of the workspace. */
  readonly workspaceId: string;
  /** The ARM id of the identity that submits jobs. */
  readonly identityId: string;
  readonly jobPrefix: string;
  readonly command?: string[];
  readonly maxNodes: number;
  readonly maxRetries: number;
  /** Hours after which the job is cancelled, wherever it stands: waiting and all retries together. */
  readonly giveUpAfterHours: number;
  /** Hours after its first start when the job is cancelled: all retries together. @default - never */
  readonly limitHours?: number;
}

/** The name of the trigger, which is part of the address that callers use. */
export const TRIGGER = 'manual';

/** What a run's name may be. */
export const RUN = { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' };

const body = (key: string) => `triggerBody()?[${quoted(key)}]`;
export const runName = `workflow()?['run']?['name']`;

/** What the caller chose, once the workflow has made it ready. */
const CHOSEN = {
  run: `outputs('Run')`,
  nodes: `outputs('Nodes')`,
  words: `join(body('Words'), ' ')`,
};

/**
 * The definition of the workflow: takes command, nodes and run, submits the one job that is possible, and starts it again
 * when it failed. Callers have no right on the workspace itself, so there is no other way to its machines.
 */
export function workflow(props: WorkflowProps): Json {
  return {
    $schema:
      'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    contentVersion: '1.0.0.0',
    ...triggersOf(props),
    actions: {
      ...chosen(props, evaluated(SHELL_WORD)),
      Attempt: variable('attempt', 'integer', 0, ['Run', 'Nodes', 'Words']),
      Job: variable('job', 'string', `@{outputs('Job_name')}`, ['Job_name']),
      Job_name: compose(`concat(${quoted(`${props.jobPrefix}-`)}, ${runName})`, ['Attempt']),
      Status: variable('status', 'string', 'Queued', ['Job']),
      Started: variable('started', 'string', '', ['Status']),
      Submit: submit(props, ['Started']),
      Answer: answer(202, { job: `@{variables('job')}`, run: `@{${CHOSEN.run}}` }, { Submit: ['Succeeded'] }),
      Refuse: answer(`@outputs('Submit')?['statusCode']`, evaluated(`body('Submit')`), {
        Submit: ['Failed', 'TimedOut'],
      }),
      Until_the_job_has_ended: {
        type: 'Until',
        expression: evaluated(isOver(props)),
        limit: { count: 5000, timeout: `PT${props.giveUpAfterHours}H` },
        actions: {
          Wait: {
            type: 'Wait',
            inputs: { interval: { count: pollMinutes(props.giveUpAfterHours), unit: 'Minute' } },
            runAfter: {},
          },
          Ask: { ...http(props, 'GET', jobAddress(props)), runAfter: { Wait: ['Succeeded'] } },
          Note: {
            type: 'SetVariable',
            inputs: { name: 'status', value: `@{body('Ask')?['properties']?['status']}` },
            runAfter: { Ask: ['Succeeded'] },
          },
          Failed: retry(props),
          Running: {
            type: 'If',
            expression: evaluated(`and(equals(variables('status'), 'Running'), empty(variables('started')))`),
            actions: {
              Begin: {
                type: 'SetVariable',
                inputs: { name: 'started', value: '@{utcNow()}' },
                runAfter: {},
              },
            },
            runAfter: { Failed: ['Succeeded'] },
          },
        },
        runAfter: { Answer: ['Succeeded'] },
      },
      Ended: {
        type: 'If',
        expression: evaluated(`contains(createArray(${ENDED.map(quoted).join(', ')}), variables('status'))`),
        actions: {},
        else: {
          actions: {
            Cancel: { ...http(props, 'POST', jobAddress(props, '/cancel')), runAfter: {} },
          },
        },
        runAfter: { Until_the_job_has_ended: ['Succeeded', 'Failed', 'TimedOut'] },
      },
      Result: {
        type: 'If',
        expression: evaluated(`equals(variables('status'), 'Completed')`),
        actions: {},
        else: {
          actions: {
            Fail: {
              type: 'Terminate',
              inputs: {
                runStatus: 'Failed',
                runError: {
                  code: 'TrainingFailed',
                  message: `Job @{variables('job')}: @{variables('status')}`,
                },
              },
              runAfter: {},
            },
          },
        },
        runAfter: { Ended: ['Succeeded', 'Failed', 'TimedOut', 'Skipped'] },
      },
    },
  };
}

/** Input that the schema does not allow is refused before anything runs. */
export const triggersOf = (props: Pick<WorkflowProps, 'command' | 'maxNodes'>): Json => ({
  triggers: {
    [TRIGGER]: {
      type: 'Request',
      kind: 'Http',
      operationOptions: 'EnableSchemaValidation',
      inputs: { method: 'POST', schema: schema(props) },
    },
  },
});

/** What the caller chose, made ready; each word of the command as `word` says. */
export const chosen = (
  { command, maxNodes }: Pick<WorkflowProps, 'command' | 'maxNodes'>,
  word: string,
): Json => ({
  Run: compose(`coalesce(${body('run')}, ${runName})`),
  Nodes: compose(`max(1, min(int(coalesce(${body('nodes')}, 1)), ${maxNodes}))`),
  ...(command && {
    Default_command: {
      type: 'Compose',
      inputs: command.map((one) => literal(text(one))),
      runAfter: {},
    },
  }),
  Words: {
    type: 'Select',
    inputs: {
      from: evaluated(command ? `coalesce(${body('command')}, outputs('Default_command'))` : body('command')),
      select: word,
    },
    runAfter: command ? { Default_command: ['Succeeded'] } : {},
  },
});

/** Ended, out of retries, or out of time. */
function isOver({ maxRetries, limitHours }: WorkflowProps): string {
  const ways = [
    `contains(createArray('Completed', 'Canceled'), variables('status'))`,
    `greater(variables('attempt'), ${maxRetries})`,
    ...(limitHours === undefined
      ? []
      : [
          `greater(ticks(utcNow()), ticks(addHours(if(empty(variables('started')), utcNow(), variables('started')), ${limitHours})))`,
        ]),
  ];
  return `or(${ways.join(', ')})`;
}

/** Counts the failure and, if it was not the last one allowed, submits the same run under another job's name. */
function retry(props: WorkflowProps): Json {
  return {
    type: 'If',
    expression: evaluated(`equals(variables('status'), 'Failed')`),
    actions: {
      Count: {
        type: 'IncrementVariable',
        inputs: { name: 'attempt', value: 1 },
        runAfter: {},
      },
      Again: {
        type: 'If',
        expression: evaluated(`lessOrEquals(variables('attempt'), ${props.maxRetries})`),
        actions: {
          Next_name: {
            type: 'SetVariable',
            inputs: { name: 'job', value: `@{outputs('Job_name')}-@{variables('attempt')}` },
            runAfter: {},
          },
          Submit_again: submit(props, ['Next_name']),
        },
        runAfter: { Count: ['Succeeded'] },
      },
    },
    runAfter: { Note: ['Succeeded'] },
  };
}

/** What callers may choose, and nothing else. */
function schema({ command, maxNodes }: Pick<WorkflowProps, 'command' | 'maxNodes'>): Json {
  return {
    type: 'object',
    properties: {
      command: { type: 'array', minItems: 1, items: { type: 'string' } },
      nodes: { type: 'integer', minimum: 1, maximum: maxNodes },
      run: { type: 'string', pattern: RUN.pattern },
    },
    required: command ? [] : ['command'],
    additionalProperties: false,
  };
}

/** A word of the command as the shell reads it back: in single quotes. */
const SHELL_WORD = `concat(${quoted("'")}, replace(item(), ${quoted("'")}, ${quoted("'\\''")}), ${quoted("'")})`;

export const compose = (expression: string, after: string[] = []): Json => ({
  type: 'Compose',
  inputs: evaluated(expression),
  runAfter: succeeded(after),
});

export const succeeded = (actions: string[]) =>
  Object.fromEntries(actions.map((name) => [name, ['Succeeded']]));

export const variable = (name: string, type: string, value: unknown, after: string[]): Json => ({
  type: 'InitializeVariable',
  inputs: { variables: [{ name, type, value }] },
  runAfter: succeeded(after),
});

export const answer = (statusCode: number | string, content: unknown, runAfter: Json): Json => ({
  type: 'Response',
  kind: 'Http',
  inputs: { statusCode, body: content },
  runAfter,
});

const jobAddress = ({ workspaceId }: WorkflowProps, suffix = '') =>
  `https://management.azure.com${workspaceId}/jobs/@{variables('job')}${suffix}?api-version=${API_VERSION}`;

export const http = (
  { identityId }: Pick<WorkflowProps, 'identityId'>,
  method: string,
  uri: string,
  content?: Json,
): Json => ({
  type: 'Http',
  inputs: {
    method,
    uri,
    ...(content && { body: content }),
    authentication: {
      type: 'ManagedServiceIdentity',
      identity: identityId,
      audience: 'https://management.azure.com/',
    },
    retryPolicy: { type: 'exponential', count: 6, interval: 'PT10S', maximumInterval: 'PT10M' },
  },
});

const submit = (props: WorkflowProps, after: string[]): Json => ({
  ...http(props, 'PUT', jobAddress(props), job(props.job, CHOSEN)),
  runAfter: succeeded(after),
});

/** As often as 5000 questions allow. */
const pollMinutes = (hours: number) => Math.max(2, Math.ceil((hours * 60) / 4900));
