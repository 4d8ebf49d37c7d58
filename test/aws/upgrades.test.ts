import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CONTEXT } from './support';
import { foundation, serving } from '../../examples/quickstart/platform';
import * as aws from '../../src/aws';

/** Types that hold data, or whose replacement takes a name or an address with it. */
const STATEFUL = [
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::ECR::Repository',
  'AWS::SageMaker::ModelPackageGroup',
  'AWS::SageMaker::Endpoint',
  'AWS::Glue::Database',
  'AWS::Athena::WorkGroup',
  'AWS::SNS::Topic',
  'AWS::StepFunctions::StateMachine',
  'AWS::Lambda::Function',
  'AWS::EC2::VPC',
  'AWS::SageMaker::Domain',
  'AWS::SageMaker::UserProfile',
  'AWS::SageMaker::Space',
  'AWS::FSx::FileSystem',
  'AWS::CloudTrail::Trail',
];
const NAMES = /^(\w*Name|DatabaseInput)$/;

/** Every stateful resource as `LogicalId` → type and physical name, if it has one. */
function stateful(stack: Stack): Record<string, string> {
  const { Resources } = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Properties?: any }>;
  };
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => STATEFUL.includes(Type))
      .map(([id, { Type, Properties = {} }]) => {
        const names = Object.entries(Properties).filter(
          ([key, value]) => NAMES.test(key) && typeof value !== 'undefined',
        );
        const name = names
          .map(([, value]: [string, any]) => value.Name ?? value)
          .filter((value) => typeof value === 'string');
        return [id, [Type, ...name].join(' ')];
      }),
  );
}

function quickstart(extra: (stack: Stack) => void = () => undefined) {
  const app = new App({ context: CONTEXT });
  const stacks = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
  extra(stacks[0]);
  serving(aws, stacks[1], foundation(aws, stacks[0]));
  extra(stacks[1]);
  return { stacks, templates: () => stacks.map((stack) => Template.fromStack(stack).toJSON()) };
}

/** What a release deployed. A line that changes here is data that a user loses: it must not. */
test('nothing that holds data changes its logical id or its name', () => {
  const [first, second] = quickstart().stacks;
  expect(stateful(first)).toEqual(FOUNDATION);
  expect(stateful(second)).toEqual(SERVING);
});

test('no home changes its logical id or its name', () => {
  const stack = new aws.PlatformStack(new App({ context: CONTEXT }), 'team');
  new aws.Workspace(stack, 'Notebooks', { users: [{ name: 'ada' }] });
  expect(stateful(stack)).toEqual(NOTEBOOKS);
});

test('no file system of a cluster changes its logical id', () => {
  const stack = new aws.PlatformStack(new App({ context: CONTEXT }), 'team');
  new aws.GpuTrainingCluster(stack, 'Training', {
    image: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/train:1',
    accelerators: ['L4'],
    network: new aws.PrivateNetwork(stack, 'Network'),
    scratch: { sizeGiB: 1200 },
  });
  expect(stateful(stack)).toEqual(SHARED_FILES);
});

test('no records of an audit trail change their logical id, and no trail its name', () => {
  const stack = new aws.PlatformStack(new App({ context: CONTEXT }), 'team');
  const datasets = [new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false })];
  new aws.AuditTrail(stack, 'Audit', { datasets });
  expect(stateful(stack)).toEqual(RECORDS);
});

test('an unrelated construct changes no other resource', () => {
  const before = quickstart().templates();
  const after = quickstart((stack) => {
    new s3.Bucket(stack, 'A-Bucket-Of-The-User');
    new aws.PrivateNetwork(stack, 'UnrelatedNetwork');
  }).templates();
  before.forEach(({ Resources }, i) => {
    for (const [id, resource] of Object.entries(Resources)) {
      expect({ [id]: after[i].Resources[id] }).toEqual({ [id]: resource });
    }
  });
});

const FOUNDATION = {
  LakeCatalogDatabaseE32E4637: 'AWS::Glue::Database foundation_lake_catalog_fd39136f',
  LakeCatalogWorkgroupD0FA1FD1: 'AWS::Athena::WorkGroup foundation-lake-catalog-fd39136f',
  LakeZonecuratedBucket51054459: 'AWS::S3::Bucket',
  LakeZonerawBucketD7F34696: 'AWS::S3::Bucket',
  MlAccessLogsC6DD169A: 'AWS::S3::Bucket',
  MlKey732562E7: 'AWS::KMS::Key',
  RegistryArtifacts7C2929DE: 'AWS::S3::Bucket',
  RegistryImageembed99B8CD03: 'AWS::ECR::Repository',
  RegistryImageserve1E94F6BC: 'AWS::ECR::Repository',
  RegistryImagetrainE28794D6: 'AWS::ECR::Repository',
  RegistryModelfrauddetectorGroup54D2EA21:
    'AWS::SageMaker::ModelPackageGroup foundation-registry-model-fraud-detector-496bcf17',
  TrainingJobs48909D8A: 'AWS::S3::Bucket',
  TrainingWorkflow989BB8D9: 'AWS::StepFunctions::StateMachine foundation-training-a852d4b4',
};
const SERVING = {
  FraudEndpointB5354469: 'AWS::SageMaker::Endpoint serving-fraud-9e0adb8c',
  FraudTopic8E2C25ED: 'AWS::SNS::Topic',
  MlKey732562E7: 'AWS::KMS::Key',
  ThumbnailsFunction6BA3A18D: 'AWS::Lambda::Function',
};
const NOTEBOOKS = {
  MlKey732562E7: 'AWS::KMS::Key',
  NotebooksDomainB24D11DE: 'AWS::SageMaker::Domain team-notebooks-2366ac6a',
  NotebooksNetworkVpc358292B2: 'AWS::EC2::VPC',
  NotebooksUseradaProfile8D8BC345: 'AWS::SageMaker::UserProfile ada',
  NotebooksUseradaSpace771ED6D7: 'AWS::SageMaker::Space ada',
};
const SHARED_FILES = {
  MlAccessLogsC6DD169A: 'AWS::S3::Bucket',
  MlKey732562E7: 'AWS::KMS::Key',
  NetworkVpc7FB7348F: 'AWS::EC2::VPC',
  TrainingJobs48909D8A: 'AWS::S3::Bucket',
  TrainingScratchFileSystem27649123: 'AWS::FSx::FileSystem',
  TrainingWorkflow989BB8D9: 'AWS::StepFunctions::StateMachine team-training-6de24fb4',
};
const RECORDS = {
  AuditRecords096AC1ED: 'AWS::S3::Bucket',
  AuditTrail3BF4E139: 'AWS::CloudTrail::Trail team-audit-4d949e42',
  LakeZonerawBucketD7F34696: 'AWS::S3::Bucket',
  MlAccessLogsC6DD169A: 'AWS::S3::Bucket',
  MlKey732562E7: 'AWS::KMS::Key',
};
