import { Annotations } from 'aws-cdk-lib';
import { isQueued } from './engine';
import { TrainingPlan } from './judge';
import { allMachines } from './queues';
import { CapacityKind, DataRetention } from '../../../core';
import { tellDatasets } from '../../../core/private/datasets';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { IDataZone } from '../../data-lake';
import type { GpuTrainingCluster, GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { profileOf } from '../profile';
import { needEc2, needSageMaker, SageMakerUse } from '../quotas';

/** The report: what was chosen, what bills, which commands come next. */
export function tellTraining(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  plan: TrainingPlan,
  jobPrefix: string,
): void {
  const { choice, onBatch, maxNodes } = plan;
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : 'given by machineType';
  const accelerators = cluster.accelerator ? ` with ${cluster.accelerator.toString()}` : '';
  report(cluster, 'choice', 'Machine type', `${choice.type}${accelerators}: ${asked}.`);
  report(cluster, 'choice', 'Fast network', fabricOf(plan));
  report(
    cluster,
    'idle-cost',
    'Training',
    `Nothing runs between jobs${onBatch ? '; the endpoints of the network bill per hour' : ''}. Checkpoints and outputs bill for their bytes.`,
  );
  if (props.scratch) {
    tellScratch(cluster, props);
  }
  tellDatasets(cluster, plan.datasets, 'the disk of each machine');
  report(cluster, 'command', 'Submit a job', cluster.submitCommand);
  plan.queues
    .filter((queue) => queue.maxNodes !== undefined)
    .forEach(({ name, maxNodes: own }) =>
      report(
        cluster,
        'note',
        `Queue ${name}`,
        `Its jobs have up to ${own} machines of their own, besides those of the other queues.`,
      ),
    );
  if (onBatch) {
    tellBatch(cluster, plan, props.capacityBlock);
  } else {
    tellSageMaker(cluster, plan, jobPrefix);
  }
  if (plan.capacity.kind === CapacityKind.SPOT && choice.machine?.spot === null) {
    Annotations.of(cluster).addWarningV2(
      'cloud-ml-constructs:spot-unknown',
      `Whether ${choice.type} is sold as spot is not known: try one job first${onBatch ? '' : ', or take Capacity.spot({ fallback: true })'}.`,
    );
  }

  function fabricOf({ fabric }: TrainingPlan): string {
    if (fabric) {
      return `EFA joins up to ${maxNodes} nodes; the image must hold its libraries${onBatch ? ', and the machine image its driver' : ''}.`;
    }
    return maxNodes > 1
      ? `${choice.type} has no EFA; nodes talk over the ordinary network.`
      : 'Jobs have one node.';
  }
}

function tellScratch(cluster: GpuTrainingCluster, { scratch, retention }: GpuTrainingClusterProps): void {
  const after =
    retention === DataRetention.DESTROY
      ? ''
      : ', and after it too: retention is RETAIN, which keeps its network';
  const { backupDays } = profileOf(cluster);
  const backups =
    backupDays && !scratch!.zone ? ` A backup of each day is kept for ${backupDays} days, and bills.` : '';
  report(
    cluster,
    'idle-cost',
    'Scratch',
    `${scratch!.sizeGiB} GiB of FSx for Lustre at 250 MB/s for each TiB bill per hour while the cluster exists, used or not${after}.${backups}`,
  );
  report(
    cluster,
    'choice',
    'Scratch',
    'Jobs run in the first subnet of the network, beside their file system.',
  );
  if (scratch!.zone && !(scratch!.zone as IDataZone).bucket.encryptionKey) {
    report(
      cluster,
      'note',
      'Scratch',
      'If the bucket of the zone is encrypted with a key, the policy of that key must let the roles of FSx for Lustre decrypt.',
    );
  }
}

const stopping = (command: string) =>
  `Stopping an execution leaves its job running: aws batch ${command} --job-id ID --reason stopped`;

function tellBatch(cluster: GpuTrainingCluster, plan: TrainingPlan, capacityBlock = false): void {
  const { choice, capacity, size } = plan;
  report(cluster, 'note', 'Stopping a job', stopping('terminate-job'));
  if (capacity.kind === CapacityKind.RESERVED) {
    report(
      cluster,
      'note',
      'Reservation',
      `Must be in the zone of ${plan.fabric ? 'the first subnet' : 'one of the subnets'} of the network, which PrivateNetwork.fromVpc({ vpc, subnets }) chooses: machines are given nowhere else.`,
    );
  }
  if (capacityBlock) {
    report(
      cluster,
      'note',
      'Quota',
      'Machines of a Capacity Block count against no quota of running machines.',
    );
  } else {
    needEc2(cluster, choice, size!.vcpu, capacity.kind, countOf(allMachines(plan), 1));
  }
}

function tellSageMaker(cluster: GpuTrainingCluster, plan: TrainingPlan, jobPrefix: string): void {
  const { choice, capacity } = plan;
  const queued = isQueued(plan);
  report(
    cluster,
    'command',
    'Follow the logs of jobs',
    `aws logs tail /aws/sagemaker/TrainingJobs --follow --log-stream-name-prefix ${queued ? 'AWSBatch' : jobPrefix}`,
  );
  report(
    cluster,
    'note',
    'Logs',
    'SageMaker writes the logs of all training jobs to one group of the account, which no stack owns; logRetentionDays is for the log of executions.',
  );
  const most = countOf(allMachines(plan), 1);
  const spot = capacity.kind === CapacityKind.SPOT;
  if (spot) {
    needSageMaker(cluster, choice, SageMakerUse.SPOT_TRAINING, most);
  }
  if (!spot || capacity.fallback) {
    needSageMaker(cluster, choice, SageMakerUse.TRAINING, most);
  }
  if (capacity.fallback) {
    report(
      cluster,
      'note',
      'Time limit',
      'A job that falls back to machines on demand has its whole time limit again.',
    );
  }
  if (queued) {
    report(cluster, 'note', 'Stopping a job', stopping('terminate-service-job'));
  }
}
