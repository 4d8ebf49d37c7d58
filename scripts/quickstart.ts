/**
 * `npm run quickstart [-- aws google azure]`: synthesizes examples/quickstart for each cloud, and prints what it made,
 * what was chosen and why, the quotas that it needs, and the commands that follow, in order.
 */
import { execFileSync } from 'child_process';
import { mkdirSync, readFileSync, rmSync } from 'fs';
import { dirname, join, relative } from 'path';

import { amountOf, QuotaNeed, requestOf, sumQuotas } from '../src/core/private/quotas';

const root = join(__dirname, '..');
const example = join(root, 'examples', 'quickstart');
const STACKS = ['foundation', 'serving'];

interface ReportEntry {
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly quota?: QuotaNeed;
}

interface Reported {
  readonly path: string;
  readonly entry: ReportEntry;
}

interface CloudOutput {
  readonly title: string;
  /** What its program needs besides node. */
  readonly needs: string;
  /** Where the program writes, and the variable that says so. */
  readonly out: string;
  readonly variable: string;
  /** A stack's file, and the types of the resources in it. */
  readonly file: (stack: string) => string;
  readonly types: (content: any) => string[];
  /** A stack's report, without its ending. */
  readonly report: (stack: string) => string;
  /** The shell expression of what a deployed stack prints, seen from a folder of the example. */
  readonly printed: (stack: string, output: string, folder: string) => string;
  readonly deploy: (stack: string, ...parameters: string[]) => string[];
  readonly destroy: [title: string, commands: string[]];
}

const read = (path: string): any => JSON.parse(readFileSync(path, 'utf8'));

const terraform = (cloud: string, title: string): CloudOutput => {
  // The state lies beside the output: a folder for each cloud.
  const stackFolder = (stack: string) => `${cloud}/cdktf.out/stacks/${stack}`;
  const run = (stack: string, command: string) => `terraform -chdir=${stackFolder(stack)} ${command}`;
  return {
    title,
    needs: 'credentials, terraform and docker',
    out: `${cloud}/cdktf.out`,
    variable: 'CDKTF_OUTDIR',
    file: (stack) => `stacks/${stack}/cdk.tf.json`,
    report: (stack) => `stacks/${stack}/report`,
    types: ({ resource = {} }) =>
      Object.entries(resource as Record<string, object>).flatMap(([type, all]) =>
        Object.keys(all).map(() => type),
      ),
    printed: (stack, output, folder) =>
      `$(terraform -chdir=${join(relative(folder, '.'), stackFolder(stack))} output -raw ${output})`,
    deploy: (stack, ...parameters) => [
      run(stack, 'init'),
      run(stack, ['apply', ...parameters.map((parameter) => `-var ${parameter}`)].join(' ')),
    ],
    destroy: [
      'Destroy what serves: of foundation Terraform refuses it, while data, images and models are to be retained',
      [run('serving', 'destroy')],
    ],
  };
};

export const CLOUDS: Record<string, CloudOutput> = {
  aws: {
    title: 'AWS (CloudFormation)',
    needs: 'credentials and docker',
    out: 'cdk.out',
    variable: 'CDK_OUTDIR',
    file: (stack) => `${stack}.template.json`,
    report: (stack) => `${stack}.report`,
    types: ({ Resources = {} }) =>
      Object.values(Resources as Record<string, { Type: string }>).map(({ Type }) => Type),
    printed: (stack, output, folder) =>
      `$(node -p "require('${relative(folder, '.') || '.'}/${stack}.json').${stack}.${output}")`,
    deploy: (stack, ...parameters) => [
      ...(stack === 'foundation' ? ['npx cdk bootstrap'] : []),
      [
        `npx cdk deploy ${stack} --outputs-file ${stack}.json`,
        ...parameters.map((parameter) => `--parameters ${parameter}`),
      ].join(' '),
    ],
    destroy: [
      'Destroy: data, images and models stay, because they are retained by default',
      ['npx cdk destroy serving foundation'],
    ],
  },
  google: terraform('google', 'Google Cloud (Terraform)'),
  azure: terraform('azure', 'Azure (Terraform)'),
};

function synthesize(cloud: string, { out, variable }: CloudOutput): void {
  rmSync(join(example, out), { recursive: true, force: true });
  mkdirSync(dirname(join(example, out)), { recursive: true });
  execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', `${cloud}.ts`], {
    cwd: example,
    env: { ...process.env, [variable]: join(example, out) },
    stdio: 'inherit',
  });
}

function printStack(stack: string, { out, file, types, report }: CloudOutput): void {
  const path = join(example, out, file(stack));
  const made = types(read(path));
  const counts = [...new Set(made)]
    .sort()
    .map((type) => `${made.filter((other) => other === type).length} ${type}`);
  console.log(`\n  ${stack}: ${made.length} resources in ${relative(root, path)}`);
  console.log(`    ${counts.join(', ')}`);
  console.log(`    Report: ${relative(root, join(example, out, report(stack)))}.html`);
  const told: Reported[] = read(join(example, out, `${report(stack)}.json`));
  for (const { path: construct, entry } of told) {
    if (entry.kind !== 'command' && entry.kind !== 'quota') {
      console.log(`    ${construct} – ${entry.title}: ${entry.text}`);
    }
  }
  printQuotas(
    stack,
    told.flatMap(({ entry }) => entry.quota ?? []),
  );
}

/** Many quotas are 0 at first, and take days to be raised. */
function printQuotas(stack: string, needs: QuotaNeed[]): void {
  if (needs.length) {
    console.log(`\n    Quotas that ${stack} needs, beside what else counts against them:`);
  }
  for (const need of sumQuotas(needs)) {
    const note = need.note ? ` (${need.note})` : '';
    console.log(`    ${need.service} – ${need.name}: ${amountOf(need)}${note}`);
    console.log(`       check:   ${need.check}`);
    console.log(`       request: ${requestOf(need)}`);
  }
}

/** What follows the synthesis on a cloud, in order: shell commands by their titles, from the folder of the example. */
export function nextSteps({ printed, deploy, destroy }: CloudOutput): [title: string, commands: string[]][] {
  const run = (stack: string, output: string, variables = '') =>
    `${variables && `export ${variables} && `}eval "${printed(stack, output, '.')}"`;
  const push = (output: string, folder: string) =>
    `(cd ${folder} && eval "${printed('foundation', output, folder)}")`;
  return [
    ['Deploy foundation', deploy('foundation')],
    [
      'Build and push the images',
      [
        push('PushTrain', 'containers/train'),
        push('PushServe', 'containers/serve'),
        push('PushEmbed', 'containers/embed'),
      ],
    ],
    [
      'Submit training: on CSV files that you put into the folder data, else on sample data that it makes',
      [
        `test ! -d data || (${run('foundation', 'Upload', 'DATA=data')})`,
        run('foundation', 'Submit', 'RUN=first'),
      ],
    ],
    [
      'Publish the model, once the job has succeeded, and approve it',
      [
        run('foundation', 'Publish', `MODEL_FILES=${printed('foundation', 'Output', '.')}first/`),
        run('foundation', 'Approve'),
      ],
    ],
    ['Deploy serving', deploy('serving', 'FraudVersion=1', 'FraudNext=1')],
    [
      'Invoke',
      [
        run('serving', 'InvokeEndpoint', 'REQUEST=request.json'),
        run('serving', 'InvokeThumbnails', 'REQUEST=image.json'),
      ],
    ],
    [
      'Train again, publish what came out as version 2, and approve it',
      [
        run('foundation', 'Submit', 'RUN=second'),
        run('foundation', 'PublishNext', `MODEL_FILES=${printed('foundation', 'Output', '.')}second/`),
        run('foundation', 'ApproveNext'),
      ],
    ],
    [
      'Deploy version 2 next to version 1, without traffic',
      deploy('serving', 'FraudVersion=1', 'FraudNext=2'),
    ],
    [
      'Shift the traffic to it in steps; it comes back by itself when an alarm rings',
      [run('serving', 'Shift', 'VARIANT=next')],
    ],
    ['Roll back: everything as declared, at once', [run('serving', 'Shift', 'VARIANT=')]],
    destroy,
  ];
}

function printNext(cloud: CloudOutput): void {
  console.log(`\n  Next, from ${relative(root, example)}, with ${cloud.needs}:`);
  nextSteps(cloud).forEach(([title, commands], i) => {
    console.log(`    ${i + 1}. ${title}`);
    commands.forEach((command) => console.log(`       ${command}`));
  });
}

function main(asked: string[]): void {
  const unknown = asked.filter((cloud) => !(cloud in CLOUDS));
  if (unknown.length) {
    throw new Error(`unknown: ${unknown.join(', ')}; clouds are ${Object.keys(CLOUDS).join(', ')}`);
  }
  for (const [cloud, output] of Object.entries(CLOUDS).filter(
    ([name]) => !asked.length || asked.includes(name),
  )) {
    console.log(`\n${output.title}`);
    synthesize(cloud, output);
    STACKS.forEach((stack) => printStack(stack, output));
    console.log(`\n  Report of both: ${relative(root, join(example, output.out, 'report.html'))}`);
    printNext(output);
  }
}

if (require.main === module) {
  main(process.argv.slice(2));
}
