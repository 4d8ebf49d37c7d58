import { load, measureLoad } from './measure';

/** The index of the package, nothing of it used. */
measureLoad(() => load('cloud-ml-constructs'));
