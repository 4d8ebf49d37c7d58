import { App, aws_s3 as s3, aws_sns as sns, Stack, Tags } from 'aws-cdk-lib';
import { ADDRESSES, CLOUDFORMATION, DATA, resourcesOf } from './cloudformation';
import { SUBJECTS } from './upgrades.subjects';
import { foundation, serving } from '../../examples/quickstart/platform';
import * as aws from '../../src/aws';
import { upgrades } from '../upgrades/upgrades';

upgrades({
  ml: aws,
  folder: __dirname,
  newStack: ({ tag, ...props }: { tag?: string } = {}) => {
    const app = new App({ context: { 'aws:cdk:disable-stack-trace': true } });
    const env = { account: '111122223333', region: 'eu-central-1' };
    const stack = new aws.PlatformStack(app, 'platform', { env, report: false, ...props });
    if (tag) {
      Tags.of(stack).add('team', tag);
    }
    return stack;
  },
  tagged: (tag) => ({ tag }),
  secret: (scope, id) => aws.Secret.fromSecretName(scope, id, 'token'),
  channel: (scope, id) => aws.NotificationChannel.fromTopic(scope, id, new sns.Topic(scope, `${id}Topic`)),
  resourcesOf: (stack) => resourcesOf(stack as Stack),
  engine: CLOUDFORMATION,
  data: DATA,
  addresses: ADDRESSES,
  subjects: SUBJECTS,
  reasons: {
    'AuditTrail.cloudWatchLogs': 'who wants no copy in CloudWatch any more keeps the one that is there',
    'DataLake.encryptionKey': 'nothing uses the default key of the stack any more; it stays',
    'PrivateNetwork.encryptionKey': 'nothing uses the default key of the stack any more; it stays',
    'ModelRegistry.encryptionKey':
      'a repository of ECR has its key for good; the old one stays, with its images',
    'Workspace.network':
      'a domain of SageMaker has its network for good; its name is taken, so the deployment fails',
    'Workspace.encryptionKey':
      'a domain of SageMaker has its key for good; its name is taken, so the deployment fails',
  },
});

/** What holds data or has an address in a stack. */
const stateful = (stack: Stack) =>
  Object.fromEntries(
    [...resourcesOf(stack).values()]
      .filter(({ type }) => type in DATA || ADDRESSES.includes(type))
      .map((resource) => [resource.id, [resource.type, ...CLOUDFORMATION.names(resource)].join(' ')]),
  );

function quickstart(extra: (stack: Stack) => void = () => undefined) {
  const app = new App();
  const stacks = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
  extra(stacks[0]);
  serving(aws, stacks[1], foundation(aws, stacks[0]));
  extra(stacks[1]);
  return stacks;
}

/** What a release deployed. A line that changes here is data that a user loses: it must not. */
test('nothing that holds data changes its logical id or its name', () => {
  const [first, second] = quickstart();
  expect(stateful(first)).toEqual(FOUNDATION);
  expect(stateful(second)).toEqual(SERVING);
});

test('an unrelated construct changes no other resource', () => {
  const before = quickstart().map(resourcesOf);
  const after = quickstart((stack) => {
    new s3.Bucket(stack, 'A-Bucket-Of-The-User');
    new aws.PrivateNetwork(stack, 'UnrelatedNetwork');
  }).map(resourcesOf);
  before.forEach((resources, i) => resources.forEach((one, id) => expect(after[i].get(id)).toEqual(one)));
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
  TrainingWorkflowLogs102E40AF: 'AWS::Logs::LogGroup /aws/vendedlogs/states/foundation-training-a852d4b4',
  TrainingWorkflow989BB8D9: 'AWS::StepFunctions::StateMachine foundation-training-a852d4b4',
};
const SERVING = {
  FraudEndpointB5354469: 'AWS::SageMaker::Endpoint serving-fraud-9e0adb8c',
  FraudTopic8E2C25ED: 'AWS::SNS::Topic',
  MlKey732562E7: 'AWS::KMS::Key',
  FraudLogGroupC2FF5CD8: 'AWS::Logs::LogGroup /aws/sagemaker/Endpoints/serving-fraud-9e0adb8c',
  ThumbnailsFunction6BA3A18D: 'AWS::Lambda::Function',
  ThumbnailsLogGroup4647508A: 'AWS::Logs::LogGroup',
  ThumbnailsUrlE15D0350: 'AWS::Lambda::Url',
};
