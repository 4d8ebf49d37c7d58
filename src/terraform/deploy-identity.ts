import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { Lazy, TerraformStack } from 'cdktf';
import { reportDeployIdentity } from '../core/private/deploy-permissions';

/** What a stack writes and reports of the identity that deploys it. */
export interface DeployIdentity<Deployed> {
  /** What its blocks need, read from what was synthesized where that is at hand. */
  readonly deployed: (synthesized?: object) => Deployed;
  /** The files that define its roles, by their names. */
  readonly files: (deployed: Deployed) => { readonly [file: string]: string };
  /** The command that makes them; `folder` is where the files are. */
  readonly command: (deployed: Deployed, folder: string) => string;
}

/** Lets a stack write the roles that its deployment needs next to what Terraform reads, and report the command that makes them. */
export function tellDeployIdentity<Deployed>(
  stack: TerraformStack,
  identity: DeployIdentity<Deployed>,
): void {
  let known: Deployed | undefined;
  const { synthesizer } = stack;
  stack.synthesizer = {
    synthesize: (session) => {
      synthesizer.synthesize(session);
      const { workingDirectory, synthesizedStackPath } = session.manifest.forStack(stack);
      known = identity.deployed(jsonOf(join(session.outdir, synthesizedStackPath)));
      for (const [file, content] of Object.entries(identity.files(known))) {
        writeFileSync(join(session.outdir, workingDirectory, file), content);
      }
    },
  };
  const produce = () => identity.command(known ?? identity.deployed(), `cdktf.out/stacks/${stack.node.id}`);
  reportDeployIdentity(stack, Lazy.stringValue({ produce }));
}

/** Nothing of what was synthesized to HCL. */
const jsonOf = (path: string): object | undefined =>
  path.endsWith('.json') ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
