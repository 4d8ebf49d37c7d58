import { existsSync, mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, aws_s3 as s3, CfnOutput, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { refusal } from './support';
import { commandsOf, foundation, serving } from '../../examples/quickstart/platform';
import * as aws from '../../src/aws';
import { report } from '../../src/core/private/report';
import {
  Made,
  mustBeTheSame,
  mustShow,
  mustTell,
  reportsIn,
  SECTIONS,
  sentencesOf,
  shownBy,
} from '../support/report';

const newApp = () =>
  new App({
    outdir: mkdtempSync(join(tmpdir(), 'report-')),
    context: { '@aws-cdk/core:validateAgainstDefaultRules': false },
  });

/** The files of the reports of what `build` puts into an app. */
function reportsOf(build: (app: App) => void): { readonly [file: string]: string } {
  const app = newApp();
  build(app);
  return reportsIn(app.synth().directory);
}

function quickstart(app: App): void {
  const stacks = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
  const made = foundation(aws, stacks[0]);
  const { Submit, Output } = commandsOf(made, serving(aws, stacks[1], made)).foundation;
  new CfnOutput(stacks[0], 'Submit', { value: Submit });
  new CfnOutput(stacks[0], 'Output', { value: Output });
}

/** What the templates of stacks hold, with the paths that the assembly says. */
function madeIn(directory: string, stacks: readonly string[]): Made[] {
  const read = (file: string) => JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const templates = stacks.map((stack) => read(`${stack}.template.json`));
  const exported = Object.fromEntries(
    templates.flatMap(({ Outputs = {} }) =>
      Object.values<any>(Outputs).flatMap(({ Export, Value }) =>
        Export ? [[`"Fn::ImportValue":"${Export.Name}"`, JSON.stringify(Value)]] : [],
      ),
    ),
  );
  return stacks.flatMap((stack, i) => {
    const paths = Object.fromEntries(
      Object.entries<any[]>(read(`${stack}.metadata.json`)).flatMap(([path, entries]) =>
        entries.filter(({ type }) => type === 'aws:cdk:logicalId').map(({ data }) => [data, path.slice(1)]),
      ),
    );
    return Object.entries<any>(templates[i].Resources).map(([id, { Properties = {} }]) => {
      const name = Object.entries(Properties).find(
        ([property, value]) => property.endsWith('Name') && typeof value === 'string',
      )?.[1] as string | undefined;
      // Ids are unique in the program, and nothing is named as another but for what it is called by.
      const marks = [`{"Ref":"${id}"}`, `"Fn::GetAtt":["${id}",`, ...(name ? [`${name}"`] : [])];
      const imports = Object.keys(exported).filter((key) => exported[key].includes(`"${id}"`));
      return {
        path: paths[id],
        text: JSON.stringify({ stack, Properties }),
        isIn: (text: string) =>
          [...(text.startsWith(`{"stack":"${stack}"`) ? marks : marks.slice(2)), ...imports].some((mark) =>
            text.includes(mark),
          ),
      };
    });
  });
}

describe('the quickstart', () => {
  const app = newApp();
  quickstart(app);
  const { directory } = app.synth();
  const files = reportsIn(directory);
  const shown = (file: string) => shownBy(files[`${file}.html`]);

  test('has a report of each stack next to its template, and an index', () => {
    expect(Object.keys(files)).toEqual([
      'foundation.report.html',
      'foundation.report.json',
      'foundation.report.md',
      'report.html',
      'report.md',
      'serving.report.html',
      'serving.report.json',
      'serving.report.md',
    ]);
  });

  test('is drawn from its templates', () => {
    const picture = shown('report');
    expect(picture.boxes).toEqual([
      'foundation/Lake',
      'foundation/MlKey',
      'foundation/MlAccessLogs',
      'foundation/Registry',
      'foundation/Training',
      'serving/Fraud',
      'serving/MlKey',
      'serving/Thumbnails',
    ]);
    mustShow(picture, madeIn(directory, ['foundation', 'serving']));
  });

  test('says what its arrows mean', () => {
    expect(sentencesOf(shown('report'))).toEqual([
      'foundation/Lake encrypted by foundation/MlKey',
      'foundation/Lake logs to foundation/MlAccessLogs',
      'foundation/Registry encrypted by foundation/MlKey',
      'foundation/Registry logs to foundation/MlAccessLogs',
      'foundation/Training encrypted by foundation/MlKey',
      'foundation/Training logs to foundation/MlAccessLogs',
      'foundation/Training reads and writes, pulls images foundation/Registry',
      'foundation/Training reads foundation/Lake',
      'serving/Fraud decrypts with foundation/MlKey',
      'serving/Fraud encrypted by serving/MlKey',
      'serving/Fraud reads, pulls images foundation/Registry',
      'serving/Thumbnails encrypted by serving/MlKey',
      'serving/Thumbnails invokes serving/Fraud',
      'serving/Thumbnails pulls images foundation/Registry',
    ]);
  });

  test('tells of foundation what was created and chosen, bills and is needed, and what comes next', () => {
    expect(shown('foundation.report').title).toBe('foundation');
    mustTell(shown('foundation.report'), {
      sections: [...SECTIONS, 'Accepted findings'],
      facts: [
        'Cloud AWS',
        'Deployed by CloudFormation',
        'Region as deployed',
        '2 × AWS::S3::Bucket , 2 × AWS::S3::BucketPolicy',
        'ml.g6.xlarge with L4:1: the first of L4:1, T4:1 that is offered.',
        'Nothing runs between jobs.',
        'SageMaker: ml.g6.xlarge for spot training job usage, 2 machines',
        'export AMOUNT=2 && aws service-quotas request-service-quota-increase',
        "npx cdk deploy 'foundation'",
        'Zone raw s3:// ‹Lake/Zone-raw/Bucket› /',
        `eval "$(aws cloudformation describe-stacks --stack-name foundation --query "Stacks[0].Outputs[?OutputKey=='Submit'].OutputValue" --output text)"`,
        'aws stepfunctions start-execution --state-machine-arn ‹Training/Workflow› --input',
        'AwsSolutions-IAM5 at <TrainingJobs48909D8A.Arn>/checkpoints/*',
        'Objects of the bucket, or of the prefix, cannot be named beforehand.',
        'Output s3://‹Registry/Artifacts›/training/',
      ],
    });
  });

  test('tells of serving what is given at its deployment', () => {
    const { text } = shown('serving.report');
    expect(text).toContain("npx cdk deploy 'serving' --parameters FraudVersion=1 --parameters FraudNext=1");
    expect(text).toContain('Lambda: Concurrent executions, 5 instances');
    expect(text).toContain('serving/Fraud decrypts with foundation/MlKey');
    expect(text).toContain('aws sagemaker-runtime invoke-endpoint --endpoint-name serving-fraud-');
  });

  test('sums up in the index what both need', () => {
    const { sections, text } = shown('report');
    expect(sections).toEqual(['Stacks', 'What bills while idle', 'Quotas to have']);
    expect(text).toContain('ml.g6.xlarge for spot training job usage');
    expect(text).toContain('ml.g6.xlarge for endpoint usage');
    expect(files['report.html']).toContain('<a href="serving.report.html">serving</a>');
    expect(files['report.md']).toContain('[serving](<serving.report.html>)');
  });

  test('has the commands in the order of use', () => {
    const { text } = shown('foundation.report');
    const places = ['Upload data:', 'Discover tables:', 'Submit a job:', 'Follow the logs'].map((title) =>
      text.indexOf(title),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('says the same in Markdown', () => {
    const markdown = files['foundation.report.md'];
    expect(markdown.match(/^## .*/gm)).toEqual(
      shown('foundation.report').sections.map((title) => `## ${title}`),
    );
    expect(markdown).toContain('  box4 -->|"reads and writes, pulls images"| box3');
    expect(markdown).toContain(
      '| Training | Machine type | ml.g6.xlarge with L4:1: the first of L4:1, T4:1 that is offered. |',
    );
    expect(markdown).toContain("```sh\nnpx cdk deploy 'foundation'\n```");
  });

  test('tells machines the facts, with references as Fn::Sub takes them', () => {
    expect(JSON.parse(files['foundation.report.json'])).toContainEqual({
      path: 'foundation/Lake',
      entry: {
        kind: 'command',
        title: 'Upload data',
        text: 'aws s3 sync "$DATA" s3://${LakeZonerawBucketD7F34696}/',
      },
    });
  });

  test('is the same each time, and names nothing of this machine', () => {
    mustBeTheSame(files, reportsOf(quickstart));
  });

  test('keeps the assembly as the command line takes it', () => {
    expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).not.toContain('.report.');
  });
});

test('is left out where it is not wanted', () => {
  const build = (app: App) => {
    new s3.Bucket(new aws.PlatformStack(app, 'quiet', { report: false }), 'Bucket');
    new s3.Bucket(new Stack(app, 'plain'), 'Bucket');
  };
  expect(reportsOf(build)).toEqual({});
  expect(refusal(() => new aws.PlatformStack(newApp(), 's', { report: 'no' as never }), 'CMC-003')).toContain(
    'report',
  );
});

test('tells of a stack that was adopted, and of what is nested and not of the library', () => {
  const files = reportsOf((app) => {
    const stack = new Stack(app, 'own', { env: { region: 'eu-west-1', account: '123456789012' } });
    aws.PlatformStack.adopt(stack);
    const bucket = new s3.Bucket(stack, 'Mine');
    new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    const nested = new NestedStack(stack, 'Nested');
    new s3.Bucket(nested, 'Inner', { serverAccessLogsBucket: bucket });
  });
  const { boxes, text } = shownBy(files['own.report.html']);
  expect(Object.keys(files)).toHaveLength(3);
  expect(boxes).toEqual(
    expect.arrayContaining(['own/Mine', 'own/Lake', 'own/Nested', 'own/Nested.NestedStack']),
  );
  expect(text).toContain('Region eu-west-1 Account 123456789012');
});

test('shows what a stack takes from one without a report', () => {
  const files = reportsOf((app) => {
    const plain = new Stack(app, 'plain');
    const lake = new aws.DataLake(plain, 'Lake', { zones: [{ name: 'raw' }] });
    const stack = new aws.PlatformStack(app, 'platform');
    new aws.GpuTrainingCluster(stack, 'Training', {
      datasets: [lake],
      image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/train:1',
      accelerators: ['L4:1'],
    });
  });
  const { arrows } = shownBy(files['platform.report.html']);
  expect(arrows).toContainEqual({ from: 'platform/Training', to: 'plain/Lake', says: 'reads' });
  expect(Object.keys(files)).toHaveLength(3);
});

test('lies in the folder of its stage', () => {
  const app = newApp();
  const stage = new Stage(app, 'Prod');
  new s3.Bucket(new aws.PlatformStack(stage, 'platform'), 'Bucket');
  const { directory } = app.synth();
  const files = reportsIn(join(directory, 'assembly-Prod'));
  const [html] = Object.keys(files);
  expect(existsSync(join(directory, 'assembly-Prod', html.replace('report.html', 'template.json')))).toBe(
    true,
  );
  expect(shownBy(files[html]).text).toContain("npx cdk deploy 'Prod/platform'");
  expect(existsSync(join(directory, 'report.html'))).toBe(false);
});

test('shows any text that constructs tell, of kinds that it knows and of others', () => {
  const files = reportsOf((app) => {
    const stack = new aws.PlatformStack(app, 'platform');
    const bucket = new s3.Bucket(stack, 'La"ke<script>|`x`');
    report(bucket, 'note', '<b>title</b>', 'a | b `c` </td><script>alert(1)</script>\n\n# d');
    report(bucket, 'deploy-permission' as never, 'May make buckets', 's3:CreateBucket');
  });
  const html = files['platform.report.html'];
  expect(html).not.toContain('<script');
  expect(shownBy(html).boxes).toEqual(['platform/La"ke<script>|`x`']);
  expect(shownBy(html).sections).toContain('Deploy permission');
  expect(shownBy(html).text).toContain('May make buckets s3:CreateBucket');
  expect(files['platform.report.md']).toContain(
    '| La"ke&lt;script\\>\\|\\`x\\` | &lt;b\\>title&lt;/b\\> | a \\| b \\`c\\` &lt;/td\\>&lt;script\\>alert(1)&lt;/script\\> \\# d |',
  );
});
