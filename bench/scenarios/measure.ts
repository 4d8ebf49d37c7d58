import { writeSync } from 'fs';
import { createRequire } from 'module';

/** `require` as a program of this package has it, or one at `FROM`: by name and not seen by the bundler of anyone. */
export const load = createRequire(process.env.FROM ?? __filename);

/** What one measurement tells: wall time, processor time of all threads, and the process as it stands after it. */
export interface Sample {
  readonly [figure: string]: number;
}

export interface Clock {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Starts a clock; the function returned reads it. */
export function clock(): () => Clock {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  return () => {
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1000 };
  };
}

/** The whole process until now, node's own start included. */
export const processFigures = () => ({
  processMs: performance.now(),
  rssMiB: process.memoryUsage.rss() / 2 ** 20,
});

/** Hands what was measured to the run, by a pipe of its own, and ends before anything else can happen. */
export function hand(samples: Sample | Sample[]): never {
  writeSync(3, JSON.stringify(samples));
  process.exit(0);
}

/** Loads members of aws-cdk-lib, given as `Stack aws_iam.Role`. */
export function touch(members: string): void {
  for (const path of members.split(' ').filter(Boolean)) {
    path.split('.').reduce((object, name) => object[name], load('aws-cdk-lib'));
  }
}

/** Measures a load of modules. */
export function measureLoad(body: () => void): never {
  const read = clock();
  body();
  const { ms, cpuMs } = read();
  return hand({ ms, cpuMs, ...processFigures() });
}
