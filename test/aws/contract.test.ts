import { probe } from './probe';
import * as aws from '../../src/aws';
import { runContract } from '../contract/run';

runContract({
  name: 'aws',
  ml: aws,
  probe,
  lacks: {
    'An instance has an accelerator': /accelerators .*AutoScalingEndpoint/,
  },
});
