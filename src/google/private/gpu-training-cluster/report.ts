import { TrainingPlan } from './judge';
import { CapacityKind } from '../../../core';
import { report } from '../../../core/private/report';
import type { GpuTrainingCluster, GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { placeOfImage } from '../images';
import { placeOf } from '../place';

/** The report: what was chosen, what bills, which commands come next. */
export function tellTraining(
  cluster: GpuTrainingCluster,
  props: GpuTrainingClusterProps,
  { choice, capacity, maxNodes }: TrainingPlan,
  { jobPrefix, image }: { readonly jobPrefix: string; readonly image: string },
): void {
  const { project, region } = placeOf(cluster);
  const asked = props.accelerators
    ? `the first of ${props.accelerators.join(', ')} that is offered`
    : 'given by machineType';
  const accelerators = cluster.accelerator ? ` with ${cluster.accelerator.toString()}` : '';
  report(cluster, 'choice', 'Machine type', `${choice.type}${accelerators}: ${asked}.`);
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
    `gcloud ai custom-jobs stream-logs "$(gcloud ai custom-jobs list --project=${project} --region=${region} --filter=labels.ml-cluster=${jobPrefix} --sort-by=~createTime --limit=1 --format='value(name)')"`,
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
  report(
    cluster,
    'note',
    'Quota',
    `Vertex AI has a quota of training for each accelerator${capacity.kind === CapacityKind.SPOT ? ', one for spot besides (preemptible),' : ''} that is often 0 at first: ask for ${maxNodes} of ${choice.type}.`,
  );
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
