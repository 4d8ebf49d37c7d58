import { probe } from './probe';
import * as aws from '../../src/aws';
import { runContract } from '../contract/run';

runContract({
  name: 'aws',
  ml: aws,
  probe,
  lacks: {
    'A request may take three minutes': /requestTimeoutSeconds .*1 to 60.*streamUrl.*CMC-004/,
    'A request may take ten minutes': /requestTimeoutSeconds .*1 to 60.*streamUrl.*CMC-004/,
    'Command and arguments of a container are as asked': /command .*ENTRYPOINT.*CMC-040/s,
    'Shared memory of a container is as asked': /sharedMemoryMiB .*machineType.*CMC-040/,
    'A job goes on with fewer machines than it asked for': /minNodes .*TrainingEngine\.gke\(\).*CMC-040/,
    'Users work with RStudio': /editor is RSTUDIO.*take JUPYTERLAB.*CMC-040/,
    'An instance has an accelerator': /accelerators .*AutoScalingEndpoint/,
  },
});
