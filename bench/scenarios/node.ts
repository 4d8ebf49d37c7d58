import { measureLoad } from './measure';

/** Bare node: what every process costs. */
measureLoad(() => undefined);
