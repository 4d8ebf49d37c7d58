import { readdirSync } from 'fs';
import { Consumer, json, NODE16, packagesOfReadme, quickstartFor, read, SKIP } from './support';

/** What the README says to install for AWS, and nothing else. */
const consumer = new Consumer(packagesOfReadme('aws-cdk-lib'));
afterAll(() => consumer.leave());

const typesOf = (out: string) =>
  new Set(
    readdirSync(out)
      .filter((file) => file.endsWith('.template.json'))
      .flatMap((file) => Object.values<{ Type: string }>(json(out, file).Resources))
      .map(({ Type }) => Type),
  );

test('nothing of Terraform is installed', () => {
  expect(consumer.installed).toEqual(
    expect.arrayContaining(['aws-cdk-lib', 'cloud-ml-constructs', 'constructs']),
  );
  expect(consumer.installed.filter((name) => /cdktf|cdktn|projen|jsii$/.test(name))).toEqual([]);
});

test('the quickstart, the example of the README and an entry of its own compile, and synthesize', () => {
  consumer.write('platform.ts', quickstartFor('aws'));
  consumer.copy('examples/quickstart', 'aws.ts');
  const readme = read(consumer.dir, 'node_modules', 'cloud-ml-constructs', 'README.md');
  consumer.write('readme.ts', /```ts\n([^]*?)```/.exec(readme)![1]);
  consumer.write(
    'entry.ts',
    `import { App } from 'aws-cdk-lib';
import { DataLake, PlatformStack } from 'cloud-ml-constructs/aws';
import { Capacity } from 'cloud-ml-constructs/core';

const stack = new PlatformStack(new App(), 'entry');
const lake = new DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
if (lake.zone('raw').zoneName !== 'raw' || Capacity.spot().kind !== 'spot') throw new Error('entries');
`,
  );
  consumer.compile([...NODE16, SKIP], 'aws', 'readme', 'entry');

  const five = [
    'AWS::S3::Bucket',
    'AWS::StepFunctions::StateMachine',
    'AWS::SageMaker::ModelPackageGroup',
    'AWS::SageMaker::Endpoint',
    'AWS::Lambda::Function',
  ];
  expect([...typesOf(consumer.synth('aws'))]).toEqual(expect.arrayContaining(five));
  expect([...typesOf(consumer.synth('readme'))]).toEqual(expect.arrayContaining(five));
  expect([...typesOf(consumer.synth('entry'))]).toContain('AWS::S3::Bucket');
});

test('a cloud whose SDK is not installed is missing by the name of the SDK', () => {
  expect(() => consumer.evaluate("require('cloud-ml-constructs').google.DataLake")).toThrow(
    "Cannot find module 'cdktf'",
  );
});
