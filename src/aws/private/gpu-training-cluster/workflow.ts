import { IConstruct } from 'constructs';
import { integration, Json, jsonata } from './request';
import { QueuePlan } from '../../../core/private/queues';
import { list, text } from '../../../core/private/schema';

/** What a container's arguments may be on SageMaker. The entry script takes its share of the one hundred. */
export const COMMAND = { items: 96, characters: 256 };

export const commandRule = list(
  text({ pattern: /[^]/, maxLength: COMMAND.characters, means: `1 to ${COMMAND.characters} characters` }),
  { min: 1, max: COMMAND.items },
);

/** The start of job names: short enough for the 36 characters of an execution's name and a suffix within 63. */
export const JOB_PREFIX_LENGTH = 23;

export interface WorkflowProps {
  readonly jobPrefix: string;
  readonly maxNodes: number;
  readonly command?: string[];
  readonly queues: readonly QueuePlan[];
}

/** A way to run the job: its states, and the first one of them. They end in `Done` or `Failed`. */
export interface JobStates {
  readonly first: string;
  readonly states: Json;
}

/** The definition of the state machine: judges what the caller gave, then runs the job. */
export function workflow({ jobPrefix, maxNodes, command, queues }: WorkflowProps, job: JobStates): Json {
  const input = '$states.input';
  const name = '$states.context.Execution.Name';
  const queue = queues.length && `($exists(${input}.queue) ? ${input}.queue : '${queues[0].name}')`;
  const mostOf = Object.fromEntries(queues.map((one) => [one.name, one.maxNodes ?? maxNodes]));
  const most = queue ? `${maxNodes}, $lookup(${JSON.stringify(mostOf)}, ${queue})` : maxNodes;
  return {
    Comment: 'Runs one training job. Input: command, nodes and run.',
    QueryLanguage: 'JSONata',
    StartAt: 'Check the input',
    States: {
      'Check the input': {
        Type: 'Choice',
        Choices: [{ Condition: jsonata(isBad(command !== undefined, queues)), Next: 'Refused' }],
        Default: 'Prepare',
      },
      Refused: {
        Type: 'Fail',
        Error: 'BadInput',
        Cause: `The input takes command (${command ? 'optional, ' : ''}a list of 1 to ${COMMAND.items} texts of at most ${COMMAND.characters} characters), nodes (a number, 1 where it is left out) and run (a name of at most 63 letters, digits, _ and -)${queues.length ? `, queue (${queues.map((one) => one.name).join(', ')})` : ''}, and nothing else.`,
      },
      Prepare: {
        Type: 'Pass',
        Assign: {
          command: jsonata(
            command
              ? `$exists(${input}.command) ? ${input}.command : ${JSON.stringify(command)}`
              : `${input}.command`,
          ),
          nodes: jsonata(`$max([1, $min([${most}, $exists(${input}.nodes) ? $floor(${input}.nodes) : 1])])`),
          run: jsonata(`$exists(${input}.run) ? ${input}.run : $replace(${name}, /[^A-Za-z0-9_-]/, '-')`),
          job: jsonata(
            `'${jobPrefix}-' & ($contains(${name}, /^[A-Za-z0-9]([A-Za-z0-9-]{0,34}[A-Za-z0-9])?$/) ? ${name} : $substring($hash(${name}, 'SHA-256'), 0, 36))`,
          ),
          ...(queue && { queue: jsonata(queue) }),
          polls: 0,
        },
        Next: job.first,
      },
      ...job.states,
      Done: { Type: 'Succeed' },
      Failed: {
        Type: 'Fail',
        Error: jsonata(`$exists(${input}.Error) ? ${input}.Error : 'TrainingFailed'`),
        Cause: jsonata(`$exists(${input}.Cause) ? ${input}.Cause : $string(${input})`),
      },
    },
  };
}

/** Callers choose command, nodes, run, and one of the queues. The key that parents leave in nested executions is no choice. */
function isBad(hasDefaultCommand: boolean, queues: readonly QueuePlan[]): string {
  const names = (texts: string[]) => texts.map((one) => `'${one}'`).join(', ');
  const keys = [
    'command',
    'nodes',
    'run',
    ...(queues.length ? ['queue'] : []),
    'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID',
  ];
  return [
    '( $in := $states.input;',
    "$type($in) != 'object' ? true :",
    `$count($filter($keys($in), function($k) { $not($k in [${names(keys)}]) })) > 0 ? true :`,
    "($exists($in.nodes) and $type($in.nodes) != 'number') ? true :",
    "($exists($in.run) and $type($in.run) != 'string') ? true :",
    '($exists($in.run) and $not($contains($in.run, /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/))) ? true :',
    ...(queues.length
      ? [`($exists($in.queue) and $not($in.queue in [${names(queues.map((one) => one.name))}])) ? true :`]
      : []),
    `$not($exists($in.command)) ? ${!hasDefaultCommand} :`,
    "$type($in.command) != 'array' ? true :",
    `($count($in.command) < 1 or $count($in.command) > ${COMMAND.items}) ? true :`,
    `$count($filter($in.command, function($c) { $type($c) != 'string' ? true : $length($c) < 1 or $length($c) > ${COMMAND.characters} })) > 0 )`,
  ].join(' ');
}

/** SageMaker runs the job, and the execution waits for it. `fallback` runs it on demand when spot machines did not come. */
export function sageMakerStates(scope: IConstruct, request: Json, fallback?: Json): JobStates {
  const train = (suffix: string, from: Json, rest: Json): Json => ({
    Type: 'Task',
    Resource: integration(scope, 'sagemaker:createTrainingJob.sync'),
    Arguments: { TrainingJobName: jsonata(suffix ? `$job & '${suffix}'` : '$job'), ...from },
    Catch: [{ ErrorEquals: ['States.TaskFailed'], Output: jsonata('$states.errorOutput'), Next: 'Ended?' }],
    Next: 'Ended?',
    ...rest,
  });
  const completed = {
    Condition: jsonata(`$states.input.TrainingJobStatus = 'Completed'`),
    Next: 'Done',
  };
  if (!fallback) {
    return {
      first: 'Train',
      states: {
        Train: train('', request, {}),
        'Ended?': { Type: 'Choice', Choices: [completed], Default: 'Failed' },
      },
    };
  }
  return {
    first: 'Train on spot',
    states: {
      'Train on spot': train('', request, {}),
      'Ended?': {
        Type: 'Choice',
        Choices: [
          completed,
          {
            Condition: jsonata(`$contains($string($states.input), 'MaxWaitTimeExceeded')`),
            Next: 'Train on demand',
          },
        ],
        Default: 'Failed',
      },
      'Train on demand': train('-od', fallback, {
        Catch: [
          {
            ErrorEquals: ['States.TaskFailed'],
            Output: jsonata('$states.errorOutput'),
            Next: 'Ended on demand?',
          },
        ],
        Next: 'Ended on demand?',
      }),
      'Ended on demand?': { Type: 'Choice', Choices: [completed], Default: 'Failed' },
    },
  };
}

/** How a job is submitted to AWS Batch and asked for, by actions of its API. */
export interface BatchCalls {
  readonly submit: string;
  readonly submitArguments: Json;
  readonly describe: string;
  readonly describeArguments: Json;
  /** The expression that finds the job in the answer. */
  readonly found: string;
  /** Where the service limits each attempt only: the limit of all together. */
  readonly limitSeconds?: number;
  /** Minutes of waiting for machines that are told. */
  readonly tellAfterMinutes?: number;
}

/** The event that tells of a job which waits for machines. */
export const WAITS = { source: 'cloud-ml-constructs', detailType: 'Training Job Waits For Machines' };

/**
 * AWS Batch queues the job; the execution asks for its state until it ends, ever more seldom: an execution's history
 * takes 25,000 events, and the longest job lasts four weeks.
 */
export function batchStates(scope: IConstruct, calls: BatchCalls): JobStates {
  const { limitSeconds, tellAfterMinutes } = calls;
  const retry = [
    {
      ErrorEquals: ['States.TaskFailed'],
      IntervalSeconds: 10,
      BackoffRate: 2,
      MaxAttempts: 6,
      JitterStrategy: 'FULL',
    },
  ];
  return {
    first: 'Submit',
    states: {
      Submit: {
        Type: 'Task',
        Resource: integration(scope, `aws-sdk:batch:${calls.submit}`),
        Arguments: calls.submitArguments,
        Assign: {
          id: jsonata('$states.result.JobId'),
          ...(tellAfterMinutes && { submitted: jsonata('$millis()'), told: false }),
        },
        Next: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: jsonata('$min([1800, 30 + 30 * $polls])'), Next: 'Ask' },
      Ask: {
        Type: 'Task',
        Resource: integration(scope, `aws-sdk:batch:${calls.describe}`),
        Arguments: calls.describeArguments,
        Assign: { polls: jsonata('$polls + 1') },
        Output: jsonata(
          `( $found := ${calls.found}; { 'Status': $found.Status, 'Cause': 'Job ' & $id & ': ' & $found.StatusReason, 'StartedAt': $min($filter([$found.Attempts.StartedAt, $found.StartedAt], function($t) { $t > 0 })) } )`,
        ),
        Retry: retry,
        Next: 'Ended?',
      },
      'Ended?': {
        Type: 'Choice',
        Choices: [
          { Condition: jsonata(`$states.input.Status = 'SUCCEEDED'`), Next: 'Done' },
          { Condition: jsonata(`$states.input.Status = 'FAILED'`), Next: 'Failed' },
          ...(limitSeconds ? [{ Condition: jsonata(isOver(limitSeconds)), Next: 'Stop' }] : []),
          ...(tellAfterMinutes ? [{ Condition: jsonata(waits(tellAfterMinutes)), Next: 'Tell' }] : []),
        ],
        Default: 'Wait',
      },
      ...(limitSeconds && {
        Stop: {
          Type: 'Task',
          Resource: integration(scope, 'aws-sdk:batch:terminateJob'),
          Arguments: { JobId: jsonata('$id'), Reason: 'The time limit of all attempts together is over' },
          Next: 'Wait',
        },
      }),
      ...(tellAfterMinutes && {
        Tell: {
          Type: 'Task',
          Resource: integration(scope, 'events:putEvents'),
          Arguments: {
            Entries: [
              {
                Source: WAITS.source,
                DetailType: WAITS.detailType,
                Detail: {
                  stateMachine: jsonata('$states.context.StateMachine.Id'),
                  job: jsonata('$job'),
                  minutes: jsonata('$floor(($millis() - $submitted) / 60000)'),
                },
              },
            ],
          },
          Assign: { told: true },
          // A job does not end because nobody could be told.
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Wait' }],
          Next: 'Wait',
        },
      }),
    },
  };
}

/** Once, while no attempt has started. */
const waits = (minutes: number) =>
  `$not($told) and $not($exists($states.input.StartedAt)) and $not($states.input.Status in ['STARTING', 'RUNNING']) and $millis() - $submitted > ${minutes * 60000}`;

const isOver = (limitSeconds: number) =>
  `$exists($states.input.StartedAt) ? $millis() - $states.input.StartedAt > ${limitSeconds * 1000} : false`;

/** AWS Batch hands the job to SageMaker when there are machines, under a name of its own. */
export function queuedStates(
  scope: IConstruct,
  queue: string,
  request: Json,
  tellAfterMinutes?: number,
): JobStates {
  const { first, states } = batchStates(scope, {
    submit: 'submitServiceJob',
    submitArguments: {
      JobName: jsonata('$job'),
      JobQueue: queue,
      ServiceJobType: 'SAGEMAKER_TRAINING',
      ServiceRequestPayload: jsonata('$string($request)'),
    },
    describe: 'describeServiceJob',
    describeArguments: { JobId: jsonata('$id') },
    found: '$states.result',
    tellAfterMinutes,
  });
  return {
    first: 'Make the request',
    states: {
      'Make the request': {
        Type: 'Pass',
        Assign: { request: { TrainingJobName: jsonata('$job'), ...request } },
        Next: first,
      },
      ...states,
    },
  };
}

/** AWS Batch runs the job on its own machines; with `multiNode` on as many as the caller asked for. */
export function containerStates(
  scope: IConstruct,
  job: {
    readonly queue: string;
    readonly tags?: string;
    readonly definitionArn: string;
    readonly multiNode: boolean;
    readonly entryPoint: string[];
    readonly uris: Json;
    readonly timeLimitHours: number;
    readonly tellAfterMinutes?: number;
  },
): JobStates {
  const overrides = {
    Command: jsonata(`$append(${JSON.stringify(job.entryPoint)}, $command)`),
    Environment: Object.entries(job.uris).map(([Name, Value]) => ({ Name, Value })),
  };
  return batchStates(scope, {
    submit: 'submitJob',
    submitArguments: {
      JobName: jsonata('$job'),
      JobQueue: job.queue,
      JobDefinition: job.definitionArn,
      Tags: job.tags,
      ...(job.multiNode
        ? {
            NodeOverrides: {
              NumNodes: jsonata('$nodes'),
              NodePropertyOverrides: [{ TargetNodes: '0:', ContainerOverrides: overrides }],
            },
          }
        : { ContainerOverrides: overrides }),
    },
    describe: 'describeJobs',
    describeArguments: { Jobs: [jsonata('$id')] },
    found: '$states.result.Jobs[0]',
    limitSeconds: job.timeLimitHours * 3600,
    tellAfterMinutes: job.tellAfterMinutes,
  });
}
