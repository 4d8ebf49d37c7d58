import { load, measureLoad, touch } from './measure';

/** Modules, every member of them used for the first time, and members of aws-cdk-lib. */
const { MODULES = '', MEMBERS = '' } = process.env;
measureLoad(() => {
  MODULES.split(' ').forEach((name) => Object.values(load(name)));
  touch(MEMBERS);
});
