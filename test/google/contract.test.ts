import { probe } from './probe';
import * as google from '../../src/google';
import { runContract } from '../contract/run';

runContract({
  name: 'google',
  ml: google,
  probe,
  lacks: {
    'A fast network that is required is there, or an error': /fabric is required.*CMC-040/,
    'A rollout moves in steps and is taken back by alarms': /rollout is canary.*shiftCommand.*CMC-040/,
    'Machines become more and fewer by concurrent requests':
      /concurrentRequestsPerInstance .*requestsPerMinutePerInstance.*CMC-040/,
    'Requests and answers are captured to a zone of the lake': /capture\.zone .*BigQuery.*CMC-040/,
  },
});
