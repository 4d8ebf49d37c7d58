import { RemovalPolicy } from 'aws-cdk-lib';
import { DataRetention } from '../../core';

/** What becomes of data, as CloudFormation says it. */
export const removalPolicy = (retention?: DataRetention): RemovalPolicy =>
  retention === DataRetention.DESTROY ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
