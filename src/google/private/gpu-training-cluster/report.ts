import type { GkeEngine } from './gke';
import { TrainingPlan } from './judge';
import { CapacityKind, DataRetention } from '../../../core';
import { filesOf, tellDatasets } from '../../../core/private/datasets';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { GpuTrainingCluster, GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { placeOfImage } from '../images';
import { placeOf } from '../place';
import { needCompute, needVertex } from '../quotas';

/** The report: what was chosen, what bills, which commands come next. */
export function tellTraining(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  plan: TrainingPlan,
  { jobPrefix, image, gke }: { readonly jobPrefix: string; readonly image: string; readonly gke?: GkeEngine },
): void {
  const { choice } = plan;
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : 'given by machineType';
  const accelerators = cluster.accelerator ? ` with ${cluster.accelerator.toString()}` : '';
  report(cluster, 'choice', 'Machine type', `${choice.type}${accelerators}: ${asked}.`);
  if (props.scratch) {
    report(
      cluster,
      'idle-cost',
      'Scratch',
      `${props.scratch.sizeGiB} GiB of Filestore (regional) bill per hour while the cluster exists, used or not.`,
    );
    report(
      cluster,
      'note',
      'Scratch',
      `Whatever has an address of the subnetwork can mount the share: NFS asks nobody who they are, and encrypts nothing on its way.${
        props.retention === DataRetention.DESTROY
          ? ''
          : ' With retention RETAIN no plan deletes it, not even for another key or network.'
      }`,
    );
  }
  tellDatasets(cluster, plan.datasets, 'the disk of each machine');
  if (gke) {
    tellGke(cluster, plan, gke, image);
  } else {
    tellVertex(cluster, props, plan, { jobPrefix, image });
  }
}

function tellVertex(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  { choice, capacity, maxNodes }: TrainingPlan,
  { jobPrefix, image }: { readonly jobPrefix: string; readonly image: string },
): void {
  const { project, region } = placeOf(cluster);
  report(
    cluster,
    'choice',
    'Fast network',
    maxNodes > 1 ? 'Vertex AI sets up none: nodes talk over the ordinary network.' : 'Jobs have one node.',
  );
  report(
    cluster,
    'idle-cost',
    'Training',
    'Nothing runs between jobs. Checkpoints and outputs bill for their bytes.',
  );
  report(cluster, 'command', 'Submit a job', cluster.submitCommand);
  report(
    cluster,
    'command',
    'Follow the logs of the newest job',
    `gcloud ai custom-jobs stream-logs "$(gcloud ai custom-jobs list --project=${project} --region=${region} --filter=labels.ml-cluster=${jobPrefix} --sort-by=~createTime --limit=1 --format='value(name)')" --project=${project} --region=${region}`,
  );
  report(
    cluster,
    'note',
    'Logs',
    `Vertex AI writes the logs of all jobs to the project's own log bucket, which keeps them for 30 days and no stack owns; logRetentionDays is for the log of executions. Keep them longer with: gcloud logging buckets update _Default --project=${project} --location=global --retention-days=DAYS`,
  );
  report(
    cluster,
    'note',
    'Stopping a job',
    `Cancelling an execution leaves its job running: gcloud ai custom-jobs cancel JOB --project=${project} --region=${region}`,
  );
  needVertex(cluster, 'training', choice.machine, capacity.kind, countOf(maxNodes, 1));
  const owner = placeOfImage(image)?.project;
  if (owner && owner !== project) {
    report(
      cluster,
      'note',
      'Image',
      `Vertex AI pulls the image as its own service agent: let service-PROJECT_NUMBER@gcp-sa-aiplatform.iam.gserviceaccount.com read the repository in ${owner}, unless it is public.`,
    );
  }
  if (props.network) {
    report(
      cluster,
      'note',
      'Network',
      'Jobs reach the network by an interface of their own. Their way to the internet stays that of Vertex AI, which only a VPC Service Controls perimeter closes.',
    );
  }
}

function tellGke(
  cluster: GpuTrainingCluster,
  { choice, capacity, maxNodes, gke, datasets }: TrainingPlan,
  { kubernetes, namespace }: GkeEngine,
  image: string,
): void {
  const { project } = placeOf(cluster);
  const { clusterName, location } = kubernetes;
  const kubectl = (what: string) => `kubectl --namespace=${namespace} ${what}`;
  report(
    cluster,
    'choice',
    'Fast network',
    maxNodes > 1 ? 'GPUDirect is not set up: nodes talk over the ordinary network.' : 'Jobs have one node.',
  );
  report(
    cluster,
    'idle-cost',
    'Training',
    'No machine for jobs runs between them. Checkpoints and outputs bill for their bytes.',
  );
  report(cluster, 'command', 'Submit a job', cluster.submitCommand);
  report(
    cluster,
    'command',
    'Look at jobs',
    `gcloud container clusters get-credentials ${clusterName} --location=${location} --project=${project} --dns-endpoint && ${kubectl('get jobs,pods')}`,
  );
  report(
    cluster,
    'note',
    'Callers',
    `Who submits by the workflow chooses command, nodes and run. Who may make pods in ${namespace} by other ways chooses everything: give roles of Kubernetes Engine to nobody who should not.`,
  );
  report(
    cluster,
    'note',
    'Stopping a job',
    `Cancelling an execution leaves its job running: ${kubectl('delete job JOB')}`,
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
  needCompute(cluster, choice.machine, capacity.kind, countOf(maxNodes, 1));
  if (!gke!.zones && capacity.kind !== CapacityKind.RESERVED) {
    report(
      cluster,
      'note',
      'Zones',
      `Every zone of the Kubernetes cluster must have ${choice.type}: else name those that do, gke({ zones: […] }).`,
    );
  }
  if (!kubernetes.resource && filesOf(datasets).length) {
    report(
      cluster,
      'note',
      'Datasets',
      `The Kubernetes cluster must have the CSI driver of Cloud Storage FUSE: gcloud container clusters update ${clusterName} --location=${location} --project=${project} --update-addons=GcsFuseCsiDriver=ENABLED`,
    );
  }
  const owner = placeOfImage(image)?.project;
  if (owner && owner !== project) {
    report(
      cluster,
      'note',
      'Image',
      `Machines pull the image as the service account of the node pool: let it read the repository in ${owner}.`,
    );
  }
}
