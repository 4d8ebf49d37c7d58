import { load, measureLoad } from './measure';

/** Bare aws-cdk-lib, nothing of it used. */
measureLoad(() => load('aws-cdk-lib'));
