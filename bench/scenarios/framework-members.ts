import { measureLoad, touch } from './measure';

/** aws-cdk-lib and `MEMBERS` of it. */
measureLoad(() => touch(process.env.MEMBERS!));
