import { probe } from './probe';
import * as azure from '../../src/azure';
import { runContract } from '../contract/run';

runContract({
  name: 'azure',
  ml: azure,
  probe,
  lacks: {
    'Queues are served by priority and have at most so many accelerators':
      /queues cannot be set on Azure ML.*CMC-040/,
    'Callers choose one of the queues of a cluster': /queues cannot be set on Azure ML.*CMC-040/,
    'A request may take ten minutes': /requestTimeoutSeconds .*at most 180.*ServerlessInference.*CMC-004/,
    'Command and arguments of a container are as asked': /command .*ENTRYPOINT.*CMC-040/s,
    'Shared memory of a container is as asked': /sharedMemoryMiB .*machineType.*CMC-040/,
    'A job goes on with fewer machines than it asked for': /minNodes .*azure\.TrainingEngine\.aks.*CMC-040/,
    'A home has a disk of the size that was asked for': /diskGiB .*file share that grows.*CMC-040/,
    'Workspace.grantOpen is written in the stack of the one who is granted to':
      /workload cannot open notebooks.*principalId.*CMC-040/,
    'Workspace.grantOpen that would point backwards is an error':
      /workload cannot open notebooks.*principalId.*CMC-040/,
    'Nodes of a job share a fast file system that is encrypted and kept':
      /scratch cannot be mounted.*CHECKPOINT_URI.*CMC-040/,
    'The file system that nodes share shows a zone of a lake':
      /scratch cannot be mounted.*CHECKPOINT_URI.*CMC-040/,
    'Tables are discovered and found in a catalog': /discovery .*Microsoft Purview.*CMC-040/,
    'A job that finds no spot machine runs on demand': /capacity has fallback.*second cluster.*CMC-040/,
    'Jobs wait in line for machines': /capacity is queued.*CMC-040/,
    'Machines become more and fewer by concurrent requests':
      /concurrentRequestsPerInstance .*requestsPerMinutePerInstance.*CMC-040/,
    'ServerlessInference.grantInvoke is written in the stack of the one who is granted to':
      /workload cannot be granted to: without authentication.*CMC-040/,
    'ServerlessInference.grantInvoke that would point backwards is an error':
      /workload cannot be granted to: without authentication.*CMC-040/,
    'The time that a request may take is as asked': /requestTimeoutSeconds .*240.*CMC-040/,
    'The disk of a machine without disks of its own is as large as asked':
      /diskGiB cannot .*machineType.*CMC-040/,
    'A rollout moves in steps and is taken back by alarms': /rollout is canary.*CMC-040/,
    'A capture that keeps nothing of the requests is told':
      /captureSilentMinutes .*DataCollectionErrorsPerMinute.*CMC-040/,
    'A job that waits for machines is told': /noCapacityMinutes .*maxWaitHours.*CMC-040/,
  },
});
