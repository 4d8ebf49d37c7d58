import type { Construct } from 'constructs';
import { probe } from './probe';
import * as google from '../../src/google';
import { autoScalingEndpoint } from '../contract/auto-scaling-endpoint.contract';
import { runContract } from '../contract/run';

runContract({
  name: 'google',
  ml: google,
  probe,
  lacks: {
    'Jobs see a dataset as files that are on the machine before they start':
      /datasets\[0\]\.mode is DOWNLOAD.*take MOUNT.*CMC-040/,
    'Users work with VS Code': /editor is VS_CODE.*Cloud Workstations.*CMC-040/,
    'Users work with RStudio': /editor is RSTUDIO.*Cloud Workstations.*CMC-040/,
    'Queues are served by priority and have at most so many accelerators':
      /queues cannot be set on Vertex AI.*CMC-040/,
    'Callers choose one of the queues of a cluster': /queues cannot be set on Vertex AI.*CMC-040/,
    'A job goes on with fewer machines than it asked for': /minNodes .*google\.TrainingEngine\.gke.*CMC-040/,
    'A fast network that is required is there, or an error': /fabric is required.*CMC-040/,
    'The file system that nodes share shows a zone of a lake': /scratch\.zone .*DATASET_<ZONE>_URI.*CMC-040/,
    'The disk of a machine without disks of its own is as large as asked':
      /diskGiB cannot .*MODEL_URI.*CMC-040/,
    'A rollout moves in steps and is taken back by alarms': /rollout is canary.*shiftCommand.*CMC-040/,
    'A capture that keeps nothing of the requests is told': /captureSilentMinutes .*BigQuery.*CMC-040/,
    'Machines become more and fewer by concurrent requests':
      /concurrentRequestsPerInstance .*EndpointEngine\.cloudRun\(\).*CMC-040/,
    'Requests and answers are captured to a zone of the lake': /capture\.zone .*BigQuery.*CMC-040/,
  },
});

/** The same endpoint on Cloud Run; what is not private has a name. */
class OnCloudRun extends google.AutoScalingEndpoint {
  constructor(scope: Construct, id: string, props: google.AutoScalingEndpointProps) {
    const engine = google.EndpointEngine.cloudRun(props.network ? {} : { hostName: 'fraud.example.com' });
    super(scope, id, { ...props, engine });
  }
}

describe('on Cloud Run', () =>
  runContract(
    {
      name: 'google-cloud-run',
      ml: { ...google, AutoScalingEndpoint: OnCloudRun },
      probe,
      lacks: {
        'The disk of a machine without disks of its own is as large as asked': /diskGiB .*memoryMiB.*CMC-040/,
        'Eight accelerators serve one model': /accelerators .*vertexAi\(\).*CMC-0\d\d/,
        'Shared memory of a container is as asked': /sharedMemoryMiB .*vertexAi\(\).*CMC-040/,
        'Machines become more and fewer by requests per minute':
          /requestsPerMinutePerInstance .*concurrentRequestsPerInstance.*CMC-040/,
        'Machines become more and fewer by the use of processors and accelerators':
          /cpuPercent .*concurrentRequestsPerInstance.*CMC-040/,
        'A rollout moves in steps and is taken back by alarms': /rollout is canary.*shiftCommand.*CMC-040/,
        'Machines that the service does not give to an endpoint are told':
          /noCapacity .*vertexAi\(\).*CMC-040/,
        'A capture that keeps nothing of the requests is told': /captureSilentMinutes .*BigQuery.*CMC-040/s,
        'Requests and answers are captured to a zone of the lake': /capture .*vertexAi\(\).*CMC-040/,
        'A version that is not approved is refused at deployment': /must be approved.*vertexAi\(\).*CMC-040/,
      },
    },
    [autoScalingEndpoint],
  ));
