import type { AksEngine } from './aks';
import { TrainingPlan } from './judge';
import { CapacityKind } from '../../../core';
import { filesOf, tellDatasets } from '../../../core/private/datasets';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import { warn } from '../../../terraform/warning';
import type { GpuTrainingCluster, GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { inWorkspace } from '../model-registry/commands';
import { needAzureMl, needCompute } from '../quotas';
import { Workspace } from '../workspace';

/** The report: what was chosen, what bills, which commands come next. */
export function tellTraining(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  plan: TrainingPlan,
  { workspace, aks }: { readonly workspace?: Workspace; readonly aks?: AksEngine },
): void {
  const { choice } = plan;
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : 'given by machineType';
  const accelerators = cluster.accelerator ? ` with ${cluster.accelerator.toString()}` : '';
  report(cluster, 'choice', 'Machine type', `${choice.type}${accelerators}: ${asked}.`);
  tellDatasets(cluster, plan.datasets, 'the temporary disk of each machine');
  if (aks) {
    tellAks(cluster, plan, aks);
  } else {
    tellAzureMl(cluster, props, plan, workspace!);
  }
}

function tellAzureMl(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  plan: TrainingPlan,
  workspace: Workspace,
): void {
  const { choice, capacity, maxNodes } = plan;
  const { machine } = choice;
  const spot = capacity.kind === CapacityKind.SPOT;
  report(cluster, 'choice', 'Fast network', fabricOf(plan));
  report(
    cluster,
    'idle-cost',
    'Training',
    `No machine runs ${plan.idleMinutes} minutes after the last job. Checkpoints and outputs bill for their bytes, the workflow for each of its steps.`,
  );
  report(cluster, 'command', 'Submit a job', cluster.submitCommand);
  report(
    cluster,
    'command',
    'Follow the logs of a job',
    `az ml job stream --name JOB ${inWorkspace(workspace)}, where JOB is in the answer of the submission`,
  );
  report(
    cluster,
    'note',
    'Logs',
    'Azure ML writes the logs of jobs to the storage of the workspace; logRetentionDays is for the log of the workflow that submits them.',
  );
  report(
    cluster,
    'note',
    'Retries',
    `Azure ML does not say whose fault a failed job was: the workflow starts any failed job again, ${plan.maxRetries} times at most.`,
  );
  report(cluster, 'note', 'Callers', CALLERS);
  if (!props.network) {
    report(
      cluster,
      'note',
      'Network',
      'Without network, the machines are in a network of the service and have public addresses, with SSH closed: give a network for machines without.',
    );
  }
  needAzureMl(cluster, choice, capacity.kind, countOf(maxNodes, 1));
  if (machine && machine.azure?.azureMlCompute !== true) {
    warn(
      cluster,
      `Whether Azure ML compute offers ${choice.type} is not known: ask with az ml compute list-sizes first.`,
    );
  }
  if (spot && machine && machine.spot !== true) {
    warn(cluster, `Whether ${choice.type} is sold at low priority is not known: try one job first.`);
  }
}

const CALLERS =
  'The workflow is started at an address that carries a signature. Who reads the address can start jobs until the access keys of the workflow are made anew: treat it as a secret. grantSubmit lets a workload read it.';

function tellAks(
  cluster: GpuTrainingCluster,
  { choice, capacity, maxNodes, datasets }: TrainingPlan,
  { kubernetes, namespace }: AksEngine,
): void {
  const { name, resourceGroupName, subscriptionId } = kubernetes.address;
  const which = `--name ${name} --resource-group ${resourceGroupName} --subscription ${subscriptionId}`;
  const kubectl = (what: string) =>
    `az aks command invoke ${which} --command 'kubectl --namespace=${namespace} ${what}'`;
  report(
    cluster,
    'choice',
    'Fast network',
    maxNodes > 1 ? 'InfiniBand is not set up: nodes talk over the ordinary network.' : 'Jobs have one node.',
  );
  report(
    cluster,
    'idle-cost',
    'Training',
    'No machine for jobs runs 10 minutes after the last one. Checkpoints and outputs bill for their bytes, the workflow for each of its steps.',
  );
  report(cluster, 'command', 'Submit a job', cluster.submitCommand);
  report(cluster, 'command', 'Look at jobs', kubectl('get jobs,pods'));
  report(cluster, 'note', 'Callers', CALLERS);
  report(
    cluster,
    'note',
    'Others',
    `Who may run commands in the Kubernetes cluster, or make pods in ${namespace}, chooses everything: give such rights to nobody who should not.`,
  );
  report(
    cluster,
    'note',
    'Stopping a job',
    `Cancelling a run of the workflow leaves its job running: ${kubectl('delete job JOB')}`,
  );
  report(
    cluster,
    'note',
    'Order',
    `Jobs start in the order of their submission; together they have ${maxNodes} machines at most.`,
  );
  if (maxNodes > 1) {
    report(
      cluster,
      'note',
      'Retries',
      'Kubernetes does not say whose fault a failed job of several nodes was: its program is started again too.',
    );
  }
  if (!kubernetes.resource) {
    report(
      cluster,
      'note',
      'Kubernetes cluster',
      'Logs of jobs are kept, and disks of machines encrypted, as the Kubernetes cluster was told.',
    );
    if (filesOf(datasets).length) {
      report(
        cluster,
        'note',
        'Datasets',
        `The Kubernetes cluster must have the CSI driver of Blob Storage: az aks update ${which} --enable-blob-driver`,
      );
    }
  }
  needCompute(cluster, choice, capacity.kind, countOf(maxNodes, 1));
}

function fabricOf({ fabric, maxNodes, choice }: TrainingPlan): string {
  if (fabric) {
    return `InfiniBand joins up to ${maxNodes} nodes; the image must hold its libraries.`;
  }
  return maxNodes > 1
    ? `${choice.type} has no InfiniBand; nodes talk over the ordinary network.`
    : 'Jobs have one node.';
}
