import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { DefaultTokenResolver, StringConcat, TerraformStack, Tokenization } from 'cdktf';
import { reportOf } from '../core/private/report';

/** Writes the report of a stack next to what Terraform reads: `report.json`; and other files, made of that. */
export function writeReport(
  stack: TerraformStack,
  others: (synthesized?: object) => { readonly [file: string]: string },
): void {
  const { synthesizer } = stack;
  stack.synthesizer = {
    synthesize: (session) => {
      synthesizer.synthesize(session);
      const { workingDirectory, synthesizedStackPath } = session.manifest.forStack(stack);
      const folder = join(session.outdir, workingDirectory);
      const made = others(jsonOf(join(session.outdir, synthesizedStackPath)));
      const report = Tokenization.resolve(reportOf(stack), {
        scope: stack,
        preparing: false,
        resolver: new DefaultTokenResolver(new StringConcat()),
      });
      const files = { ...made, 'report.json': JSON.stringify(report, undefined, 2) };
      for (const [file, content] of Object.entries(files)) {
        writeFileSync(join(folder, file), content);
      }
    },
  };
}

/** Nothing of what was synthesized to HCL. */
const jsonOf = (path: string): object | undefined =>
  path.endsWith('.json') ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
