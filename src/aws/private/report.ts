import { join } from 'path';
import { attachCustomSynthesis, ISynthesisSession, Stack, Stage } from 'aws-cdk-lib';
import { readStacks } from './report/read';
import { isMarked, mark } from '../../core/private/brand';
import { ReportPlan, writeReports } from '../../core/private/report/write';

/** What stacks that have a report are marked as, and stages that write them. */
const REPORT = 'Report';

/** Writes the report of a stack next to its template: `<stack>.report.html`, `.md` and `.json`. */
export function reportStack(stack: Stack): void {
  mark(stack, REPORT);
  const stage = Stage.of(stack);
  if (stage && !isMarked(stage, REPORT)) {
    mark(stage, REPORT);
    // A stage is synthesized after all that is in it: then every template is there.
    attachCustomSynthesis(stage, {
      onSynthesize: (session) => writeReports(() => planOf(stage, session)),
    });
  }
}

function planOf(stage: Stage, { outdir }: ISynthesisSession): ReportPlan {
  const stacks = stage.node
    .findAll()
    .filter((one): one is Stack => Stack.isStack(one) && Stage.of(one) === stage);
  const targets = stacks
    .filter((stack) => isMarked(stack, REPORT))
    .map((stack) => {
      const file = `${stack.artifactId}.report`;
      return [stack, { path: join(outdir, file), link: `${file}.html` }] as const;
    });
  return {
    stacks: readStacks(stacks, outdir),
    targets: new Map(targets),
    index: join(outdir, 'report'),
  };
}
