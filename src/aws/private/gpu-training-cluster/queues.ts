import { aws_batch as batch } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { TrainingPlan } from './judge';
import { jsonata } from './request';
import { QueuePlan } from '../../../core/private/queues';

/** The queues of a cluster, by their names; `''` is that of a cluster that was given none. */
export type Queues = ReadonlyMap<string, batch.CfnJobQueue>;

export const arnsOf = (queues: Queues): string[] =>
  [...queues.values()].map(({ attrJobQueueArn }) => attrJobQueueArn);

/** The queue that a caller chose, as an expression. */
export function chosenQueue(queues: Queues): string {
  const [[name, { attrJobQueueArn }]] = queues;
  return name ? lookup([...queues].map(([key, queue]) => [key, queue.attrJobQueueArn])) : attrJobQueueArn;
}

/** One of several values, by the queue that a caller chose. */
export const lookup = (values: readonly (readonly [string, unknown])[]): string =>
  jsonata(`$lookup(${JSON.stringify(Object.fromEntries(values))}, $queue)`);

/** Makes what each queue is, or the one of a cluster that was given none. */
export function makeQueues(
  plans: readonly QueuePlan[],
  one: (id: string, plan?: QueuePlan) => batch.CfnJobQueue,
): Queues {
  return plans.length
    ? new Map(plans.map((plan) => [plan.name, one(`JobQueue-${plan.name}`, plan)]))
    : new Map([['', one('JobQueue')]]);
}

/** Whether machines are shared by queues. One with a maximum has machines of its own. */
const shares = ({ queues }: TrainingPlan) =>
  queues.length === 0 || queues.some(({ maxNodes }) => maxNodes === undefined);

/** Machines that all queues have together. */
export const allMachines = (plan: TrainingPlan): number =>
  plan.queues.reduce((all, { maxNodes = 0 }) => all + maxNodes, shares(plan) ? plan.maxNodes : 0);

/** Makes the place that shared queues hand jobs to, and the own ones of the others: which of them a queue has. */
export function makePlaces<T>(
  plan: TrainingPlan,
  id: string,
  one: (id: string, machines: number) => T,
): { readonly first: T; of(queue?: QueuePlan): T } {
  const shared = shares(plan) ? one(id, plan.maxNodes) : undefined;
  const own = new Map(
    plan.queues.flatMap(({ name, maxNodes }) => (maxNodes ? [[name, one(`${id}-${name}`, maxNodes)]] : [])),
  );
  const of = (queue?: QueuePlan) => (queue && own.get(queue.name)) ?? shared!;
  return { first: of(plan.queues[0]), of };
}

/** A queue in front of SageMaker for each of the cluster's, which hands on what `maxNodes` machines can take. */
export function serviceQueues(cluster: Construct, plan: TrainingPlan) {
  const environments = makePlaces(
    plan,
    'ServiceEnvironment',
    (id, maxCapacity) =>
      new batch.CfnServiceEnvironment(cluster, id, {
        serviceEnvironmentType: 'SAGEMAKER_TRAINING',
        capacityLimits: [{ capacityUnit: 'NUM_INSTANCES', maxCapacity }],
      }),
  );
  const queues = makeQueues(
    plan.queues,
    (id, queue) =>
      new batch.CfnJobQueue(cluster, id, {
        jobQueueType: 'SAGEMAKER_TRAINING',
        priority: queue?.priority ?? 1,
        serviceEnvironmentOrder: [
          { order: 1, serviceEnvironment: environments.of(queue).attrServiceEnvironmentArn },
        ],
        jobStateTimeLimitActions: [
          {
            action: 'TERMINATE',
            state: 'RUNNABLE',
            reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
            maxTimeSeconds: (plan.capacity.maxWaitHours ?? HEAD_OF_LINE_HOURS) * 3600,
          },
        ],
      }),
  );
  return { serviceEnvironment: environments.first, queues };
}

/** How long a job waits at the head of the line where the capacity does not say. */
const HEAD_OF_LINE_HOURS = 24;
