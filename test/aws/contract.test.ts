import { probe } from './probe';
import * as aws from '../../src/aws';
import { runContract } from '../contract/run';

runContract({
  name: 'aws',
  ml: aws,
  probe,
  lacks: {
    'A job goes on with fewer machines than it asked for': /minNodes .*TrainingEngine\.gke\(\).*CMC-040/,
    'Users work with RStudio': /editor is RSTUDIO.*take JUPYTERLAB.*CMC-040/,
    'An instance has an accelerator': /accelerators .*AutoScalingEndpoint/,
  },
});
