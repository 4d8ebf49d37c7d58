import { load, measureLoad, touch } from './measure';

/** The entry of AWS, every class of it used for the first time, then `MEMBERS` of aws-cdk-lib. */
measureLoad(() => {
  Object.values(load('cloud-ml-constructs/aws'));
  touch(process.env.MEMBERS!);
});
