import { join } from 'path';
import { ISynthesisSession, TerraformStack } from 'cdktf';
import { folderOf, readContent } from './report/content';
import { Dialect } from './report/dialect';
import { readStacks } from './report/read';
import { ReportPlan, writeReports } from '../core/private/report/write';

const DIALECT = Symbol.for('cloud-ml-constructs.terraform.Dialect');

type Reported = TerraformStack & { readonly [DIALECT]?: Dialect };

/** The stacks of a session that were written. */
const written = new WeakMap<ISynthesisSession, Set<TerraformStack>>();

/** Writes the report of a stack next to what Terraform reads: `report.html`, `report.md` and `report.json`. */
export function reportStack(stack: TerraformStack, dialect: Dialect): void {
  Object.defineProperty(stack, DIALECT, { value: dialect, configurable: true });
  const { synthesizer } = stack;
  stack.synthesizer = {
    synthesize: (session) => {
      synthesizer.synthesize(session);
      const done = written.get(session) ?? new Set();
      written.set(session, done.add(stack));
      const reported = stacksWith(stack).filter(dialectOf);
      // Whose turn is last writes all: each tells of what others do with it.
      if (reported.every((one) => done.has(one))) {
        writeReports(() => planOf(session, reported));
      }
    },
  };
}

const stacksWith = (stack: TerraformStack): TerraformStack[] =>
  stack.node.root.node.findAll().filter((one): one is TerraformStack => TerraformStack.isStack(one));

const dialectOf = (stack: Reported) => stack[DIALECT];

/** Those that have a report, those that they use, and those that use them. */
function connectedTo(reported: readonly TerraformStack[]): TerraformStack[] {
  const used = reported.flatMap(({ dependencies }) => dependencies);
  return stacksWith(reported[0]).filter(
    (one) =>
      reported.includes(one) ||
      used.includes(one) ||
      one.dependencies.some((other) => reported.includes(other)),
  );
}

function planOf(session: ISynthesisSession, reported: readonly TerraformStack[]): ReportPlan {
  const targets = reported.map((stack) => {
    const { workingDirectory } = session.manifest.forStack(stack);
    return [
      stack,
      { path: join(folderOf(stack, session), 'report'), link: `${workingDirectory}/report.html` },
    ] as const;
  });
  const stacks = connectedTo(reported).map((stack) => readContent(stack, session, reported.includes(stack)));
  return {
    stacks: readStacks(stacks, ({ stack }) => dialectOf(stack) ?? dialectOf(reported[0])!),
    targets: new Map(targets),
    index: join(session.outdir, 'report'),
  };
}
