/**
 * Faults of a deployment, by the unmodified `cdk` on the emulator: a first deployment and an update that fail and are rolled
 * back, the next ones that work, a stack that goes and leaves its data, one that may take it along. What is rolled back
 * and in which order is CloudFormation's business: stack_engine.py says what of that is emulated. The services refuse for
 * themselves: a name that is taken, a bucket that is not empty.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Expectations } from './expectations.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** What stands in a stack now, by logical id. */
const standing = async ({ resources }, stack) =>
  (await resources()).filter((one) => one.stack === stack && !['deleted', 'retained'].includes(one.state));

const idsOf = (resources, type) => resources.filter((one) => one.type === type).map((one) => one.physicalId);

/** What the type's resource with a text in its logical id is called; undefined where there is none. */
const idOf = (resources, type, part = '') =>
  resources.find((one) => one.type === type && one.logicalId.includes(part))?.physicalId;

/** What was put into a lake and a registry, and whether it is there. */
class Contents {
  constructor(aws, buckets, group, repository) {
    Object.assign(this, { aws, buckets, group, repository });
  }

  async write() {
    for (const Bucket of this.buckets)
      for (const Body of ['old', 'new'])
        await this.aws('s3', 'PutObject', { Bucket, Key: 'a b/ü.csv', Body });
    await this.aws('sagemaker', 'CreateModelPackage', { ModelPackageGroupName: this.group });
    const config = { mediaType: 'application/json', size: 1, digest: `sha256:${'0'.repeat(64)}` };
    await this.aws('ecr', 'PutImage', {
      repositoryName: this.repository,
      imageTag: '1',
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config,
        layers: [],
      }),
    });
  }

  /** What is not there any more. */
  async missing() {
    const has = async (what, read) => ((await read().catch(() => false)) ? [] : [what]);
    const objects = this.buckets.map((Bucket) =>
      has(Bucket, async () => {
        const { Versions = [] } = await this.aws('s3', 'ListObjectVersions', { Bucket });
        return (
          (await this.aws('s3', 'GetObject', { Bucket, Key: 'a b/ü.csv' })).Body === 'new' &&
          Versions.length === 2
        );
      }),
    );
    const version = has(this.group, async () => {
      const found = await this.aws('sagemaker', 'ListModelPackages', { ModelPackageGroupName: this.group });
      return found.ModelPackageSummaryList.length === 1;
    });
    const image = has(this.repository, async () => {
      const found = await this.aws('ecr', 'ListImages', { repositoryName: this.repository });
      return found.imageIds.length === 1;
    });
    return (await Promise.all([...objects, version, image])).flat();
  }
}

const contentsOf = (aws, resources, zones) =>
  new Contents(
    aws,
    [...zones, 'Artifacts'].map((zone) => idOf(resources, 'AWS::S3::Bucket', zone)),
    idOf(resources, 'AWS::SageMaker::ModelPackageGroup').split('/').at(-1),
    idOf(resources, 'AWS::ECR::Repository'),
  );

/** What a platform is set to, as its services show it. */
async function settingsOf(aws, resources) {
  const { Rules } = await aws('s3', 'GetBucketLifecycleConfiguration', {
    Bucket: idOf(resources, 'AWS::S3::Bucket', 'raw'),
  });
  const { MemorySize } = await aws('lambda', 'GetFunctionConfiguration', {
    FunctionName: idOf(resources, 'AWS::Lambda::Function'),
  });
  const { EndpointConfigName } = await aws('sagemaker', 'DescribeEndpoint', {
    EndpointName: idOf(resources, 'AWS::SageMaker::Endpoint').split('/').at(-1),
  });
  const { ProductionVariants } = await aws('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const { PrimaryContainer } = await aws('sagemaker', 'DescribeModel', {
    ModelName: ProductionVariants[0].ModelName,
  });
  return {
    days: Rules.map(({ Expiration }) => Expiration?.Days).find(Boolean),
    memory: MemorySize,
    version: PrimaryContainer.ModelDataSource.S3DataSource.S3Uri.split('/').at(-2),
  };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export async function scenario(session) {
  const { aws, cdk, shell, work } = session;
  const expectations = new Expectations();
  const { expect } = expectations;
  const out = join(work, 'faults');
  await session.node(
    'synthesize faults',
    '-r',
    'ts-node/register/transpile-only',
    join(here, 'faults.app.ts'),
    out,
  );

  const deploy = (folder) =>
    cdk(
      `cdk deploy (${folder})`,
      'deploy',
      '--app',
      join(out, folder),
      '--all',
      '--require-approval',
      'never',
      '--progress',
      'events',
    );
  const destroy = (folder) =>
    cdk(`cdk destroy (${folder})`, 'destroy', '--app', join(out, folder), '--all', '--force');
  const refused = async (what, why, run) => {
    const message = await run().then(
      () => 'it went through',
      (error) => error.message,
    );
    expect(`${what} is refused, and cdk says why`, why.test(message), message.slice(-400));
  };
  const statusOf = async (name) => {
    const found = await aws('cloudformation', 'ListStacks');
    return found.StackSummaries.find((one) => one.StackName === name)?.StackStatus;
  };
  const expectStatus = async (name, wanted) => {
    const status = await statusOf(name);
    expect(`${name} is ${wanted}`, status === wanted, status);
  };
  const expectContents = async (when, contents) => {
    const missing = await contents.missing();
    expect(`${when}, objects, versions and images are there`, !missing.length, missing);
  };
  const take = (logGroupName) => aws('logs', 'CreateLogGroup', { logGroupName });
  const release = (logGroupName) => aws('logs', 'DeleteLogGroup', { logGroupName });
  const bucketNames = async () => (await aws('s3', 'ListBuckets')).Buckets.map((one) => one.Name);

  // -- a first deployment fails ---------------------------------------------------------------------------------------
  const bucketsBefore = await bucketNames();
  await take('/faults/one');
  await refused('a first deployment to a name that is taken', /already exists/, () => deploy('first'));
  await expectStatus('platform', 'ROLLBACK_COMPLETE');
  const leftOver = (await session.resources()).filter(
    (one) => one.stack === 'platform' && one.state !== 'deleted',
  );
  expect(
    'of a first deployment that failed nothing stays but the access logs',
    same(
      leftOver.map((one) => `${one.type} ${one.logicalId.slice(0, 12)} ${one.state}`),
      ['AWS::S3::Bucket MlAccessLogs retained'],
    ),
    leftOver.map((one) => one.logicalId),
  );
  expect('… in S3 too', (await bucketNames()).length === bucketsBefore.length + 1);
  await release('/faults/one');
  await deploy('first');
  await expectStatus('platform', 'CREATE_COMPLETE');
  const first = await standing(session, 'platform');
  expect(
    'the next one works',
    same(await settingsOf(aws, first), { days: 365, memory: 2048, version: '1' }),
    await settingsOf(aws, first),
  );
  const contents = contentsOf(aws, first, ['raw', 'curated']);
  await contents.write();

  // -- a change -------------------------------------------------------------------------------------------------------
  await deploy('changed');
  await expectStatus('platform', 'UPDATE_COMPLETE');
  const changed = await standing(session, 'platform');
  const idIn = (resources) => Object.fromEntries(resources.map((one) => [one.logicalId, one.physicalId]));
  const replaced = first.filter(({ logicalId, physicalId }) => idIn(changed)[logicalId] !== physicalId);
  expect(
    'a change updates in place all but the model, its configuration and versions of the function',
    replaced.length > 0 && replaced.every(({ type }) => /::(Model|EndpointConfig|Version)$/.test(type)),
    replaced.map(({ type, logicalId }) => `${type} ${logicalId}`),
  );
  expect(
    'a change arrives',
    same(await settingsOf(aws, changed), { days: 30, memory: 4096, version: '2' }),
    await settingsOf(aws, changed),
  );
  expect('a zone comes', idOf(changed, 'AWS::S3::Bucket', 'features') !== undefined);
  await expectContents('after a change', contents);

  // -- an update fails ------------------------------------------------------------------------------------------------
  await take('/faults/two');
  await refused('an update to a name that is taken', /already exists/, () => deploy('again'));
  await expectStatus('platform', 'UPDATE_ROLLBACK_COMPLETE');
  const back = await standing(session, 'platform');
  expect(
    'after a rollback every resource is the one before',
    same(idIn(back), idIn(changed)),
    Object.keys(idIn(back)),
  );
  expect(
    '… set as before',
    same(await settingsOf(aws, back), { days: 30, memory: 4096, version: '2' }),
    await settingsOf(aws, back),
  );
  expect(
    '… with the template before',
    !JSON.stringify(await aws('cloudformation', 'GetTemplate', { StackName: 'platform' })).includes(
      '/faults/two',
    ),
  );
  expect(
    '… and none of the update stays',
    !(await bucketNames()).some((name) => name.includes('extra')),
    await bucketNames(),
  );
  await expectContents('after a rollback', contents);
  await release('/faults/two');
  await deploy('again');
  await expectStatus('platform', 'UPDATE_COMPLETE');
  const again = await standing(session, 'platform');
  expect(
    'the next update works',
    same(await settingsOf(aws, again), { days: 10, memory: 8192, version: '3' }),
    await settingsOf(aws, again),
  );
  expect(
    'a zone that was removed is out of the stack',
    idOf(again, 'AWS::S3::Bucket', 'curated') === undefined,
  );
  await expectContents('after a zone was removed', contents);

  // -- the stack goes -------------------------------------------------------------------------------------------------
  await destroy('again');
  await expectStatus('platform', 'DELETE_COMPLETE');
  await expectContents('after the stack went', contents);

  // -- a stack that may take its data along ---------------------------------------------------------------------------
  await deploy('trial');
  const trial = await standing(session, 'trial');
  const trialContents = contentsOf(aws, trial, ['raw']);
  await trialContents.write();
  const { Stacks: described } = await aws('cloudformation', 'DescribeStacks', { StackName: 'trial' });
  const commands = Object.fromEntries(described[0].Outputs.map((one) => [one.OutputKey, one.OutputValue]));
  await refused('to destroy what is not empty', /DELETE_FAILED|failed to delete|Failed to destroy/, () =>
    destroy('trial'),
  );
  await expectStatus('trial', 'DELETE_FAILED');
  const kept = await trialContents.missing();
  expect(
    'what it refused to delete is there, but images, which CloudFormation deletes',
    same(kept, [trialContents.repository]),
    kept,
  );
  await shell('empty the lake', commands.EmptyLake);
  await shell('empty the registry', commands.EmptyRegistry);
  await destroy('trial');
  await expectStatus('trial', 'DELETE_COMPLETE');
  const gone = await bucketNames();
  expect(
    'with DESTROY, emptied, all is gone',
    !trialContents.buckets.some((name) => gone.includes(name)),
    gone,
  );
  const logs = (await session.resources()).filter((one) => one.stack === 'trial' && one.state !== 'deleted');
  expect(
    '… but the access logs, and the key of the stack',
    same(
      logs.map((one) => one.logicalId.slice(0, 5)),
      ['MlKey', 'MlAcc'],
    ),
    logs.map((one) => one.logicalId),
  );
  return expectations.conclude();
}
