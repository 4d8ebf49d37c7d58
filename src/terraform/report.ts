import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { DefaultTokenResolver, Lazy, StringConcat, TerraformStack, Tokenization } from 'cdktf';
import { reportDeployIdentity } from '../core/private/deploy-permissions';
import { reportOf } from '../core/private/report';

/** Writes the report of a stack next to what Terraform reads: `report.json`; and other files, made of that. */
function writeReport(
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

/** What a stack writes and reports of the identity that deploys it. */
export interface DeployIdentity<Deployed> {
  /** What its blocks need, read from what was synthesized where that is at hand. */
  readonly deployed: (synthesized?: object) => Deployed;
  /** The files that define its roles, by their names. */
  readonly files: (deployed: Deployed) => { readonly [file: string]: string };
  /** The command that makes them; `folder` is where the files are. */
  readonly command: (deployed: Deployed, folder: string) => string;
}

/** Lets a stack write its report, and the roles that its deployment needs, and report the command that makes them. */
export function tellDeployIdentity<Deployed>(
  stack: TerraformStack,
  identity: DeployIdentity<Deployed>,
): void {
  let known: Deployed | undefined;
  writeReport(stack, (synthesized) => identity.files((known = identity.deployed(synthesized))));
  const produce = () => identity.command(known ?? identity.deployed(), `cdktf.out/stacks/${stack.node.id}`);
  reportDeployIdentity(stack, Lazy.stringValue({ produce }));
}

/** Nothing of what was synthesized to HCL. */
const jsonOf = (path: string): object | undefined =>
  path.endsWith('.json') ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
