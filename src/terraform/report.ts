import { writeFileSync } from 'fs';
import { join } from 'path';
import { DefaultTokenResolver, StringConcat, TerraformStack, Tokenization } from 'cdktf';
import { reportOf } from '../core/private/report';

/** Writes the report of a stack next to what Terraform reads: `report.json`. */
export function writeReport(stack: TerraformStack): void {
  const { synthesizer } = stack;
  stack.synthesizer = {
    synthesize: (session) => {
      synthesizer.synthesize(session);
      const report = Tokenization.resolve(reportOf(stack), {
        scope: stack,
        preparing: false,
        resolver: new DefaultTokenResolver(new StringConcat()),
      });
      const { workingDirectory } = session.manifest.forStack(stack);
      const path = join(session.outdir, workingDirectory, 'report.json');
      writeFileSync(path, JSON.stringify(report, undefined, 2));
    },
  };
}
