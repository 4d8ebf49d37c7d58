import {
  App,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_kms as kms,
  aws_s3 as s3,
  aws_sagemaker as sagemaker,
  Stack,
  StackProps,
} from 'aws-cdk-lib';
import { aws as ml, core } from 'cloud-ml-constructs';
import { Construct } from 'constructs';

/** A team's own stack, in its own app: the constructs are guests here. */
class FraudStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // What the team has already: a VPC, a key, a bucket, a role.
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
    const key = new kms.Key(this, 'TeamKey', { enableKeyRotation: true });
    const history = s3.Bucket.fromBucketAttributes(this, 'History', {
      bucketName: 'fraud-transaction-history',
      encryptionKey: key,
    });
    const analysts = new iam.Role(this, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });

    // The same things, as the constructs take them.
    const network = ml.PrivateNetwork.fromVpc(this, 'Network', { vpc, hasS3Endpoint: false });
    const encryptionKey = ml.EncryptionKey.fromKey(this, 'Key', key);
    const past = ml.DataLake.fromBuckets(this, 'Past', { buckets: { history } });

    const lake = new ml.DataLake(this, 'Lake', { encryptionKey, zones: [{ name: 'features' }] });
    const registry = new ml.ModelRegistry(this, 'Registry', {
      encryptionKey,
      models: [{ name: 'fraud-detector' }],
      images: ['train', 'serve'],
    });
    const training = new ml.GpuTrainingCluster(this, 'Training', {
      network,
      encryptionKey,
      registry,
      image: registry.image('train', '1'),
      datasets: [past, lake],
      accelerators: ['A10G:1'],
      capacity: core.Capacity.spot(),
    });

    // Portable grants go between constructs, native ones to anything of aws-cdk-lib.
    lake.grantReadWrite(training);
    lake.grants.read(analysts);
    training.grants.submit(analysts);

    // A native resource, one step away: its L2 …
    lake.bucket('features').addToResourcePolicy(
      new iam.PolicyStatement({
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:DeleteObjectVersion'],
        resources: [lake.bucket('features').arnForObjects('*')],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': analysts.roleArn } },
      }),
    );
    // … or its L1, by the escape hatch that every CDK construct has.
    const endpoint = new ml.AutoScalingEndpoint(this, 'Fraud', {
      network,
      encryptionKey,
      machineType: 'ml.m5.large',
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', '1') },
          model: registry.model('fraud-detector').version('1'),
        },
      ],
    });
    (endpoint.node.defaultChild as sagemaker.CfnEndpoint).addPropertyOverride(
      'ExcludeRetainedVariantProperties',
      [{ VariantPropertyType: 'DesiredWeight' }, { VariantPropertyType: 'DataCaptureConfig' }],
    );
    endpoint.grants.invoke(analysts);
  }
}

const app = new App();
new FraudStack(app, 'fraud');
app.synth();
