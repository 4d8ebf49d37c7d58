import { load, measureLoad } from './measure';

/** An entry or a framework, nothing of it used. */
measureLoad(() => load(process.env.ENTRY!));
