import { TrainingQueue } from '../gpu-training-cluster';
import { Faults } from './faults';
import { MachineChoice } from './machines';

/** What a queue means for a cluster. */
export interface QueuePlan {
  readonly name: string;
  readonly priority: number;
  /** Machines that jobs of the queue have at once; those of the cluster where undefined. */
  readonly maxNodes?: number;
  readonly costTags: { readonly [key: string]: string };
}

/** The queues of a cluster, with machines for accelerators. None where none were given. */
export function judgeQueues(
  queues: readonly TrainingQueue[] | undefined,
  choice: MachineChoice | undefined,
  faults: Faults,
): QueuePlan[] {
  // What has faults already may have any shape.
  return (Array.isArray(queues) && faults.none ? queues : []).map(
    ({ name, priority = 1, maxAccelerators, costTags = {} }, i) => ({
      name,
      priority,
      maxNodes:
        maxAccelerators && machinesOf(maxAccelerators, `queues[${i}].maxAccelerators`, choice, faults),
      costTags,
    }),
  );
}

function machinesOf(
  accelerators: number,
  prop: string,
  choice: MachineChoice | undefined,
  faults: Faults,
): number | undefined {
  const machine = choice?.machine;
  if (!machine) {
    faults.add(
      'CMC-009',
      prop,
      'needs a machine whose number of accelerators is known: give accelerators, or leave it out',
    );
    return undefined;
  }
  const machines = accelerators / machine.count;
  if (!Number.isInteger(machines)) {
    faults.add(
      'CMC-004',
      prop,
      `(${accelerators}) must be a multiple of the ${machine.count} accelerators of one ${choice.type}`,
    );
  }
  return machines;
}

/** Where jobs come one after the other, or all at once. */
export function refuseQueues(
  queues: readonly TrainingQueue[] | undefined,
  reason: string,
  wayOut: string,
  faults: Faults,
): void {
  if (queues !== undefined) {
    faults.add('CMC-040', 'queues', `cannot be set on ${reason}: ${wayOut}`);
  }
}

/** The name of a queue, for a shell: the user's, else the first. Without `${`, so that the command can be an output. */
export const queueName = ([{ name }]: readonly QueuePlan[]): string =>
  `"$(echo "$QUEUE" | grep . || echo ${name})"`;
