import { load, measureLoad } from './measure';

/** The entry of AWS, nothing of it used. */
measureLoad(() => load('cloud-ml-constructs/aws'));
