import { BigqueryDataset } from '@cdktf/provider-google/lib/bigquery-dataset';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { App, GcsBackend, TerraformOutput, TerraformResource, TerraformStack } from 'cdktf';
import { core, google as ml } from 'cloud-ml-constructs';
import { Construct } from 'constructs';

/** A team's own stack, with its own state, provider and resources: the constructs are guests here. */
export class FraudStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // What the team has already: its state, its provider, resources of its own.
    new GcsBackend(this, { bucket: 'acme-terraform-state', prefix: `fraud/${id}` });
    new GoogleProvider(this, 'google', {
      project: 'acme-fraud',
      region: 'europe-west4',
      defaultLabels: { team: 'fraud', cost_centre: '4711' },
      impersonateServiceAccount: 'terraform@acme-fraud.iam.gserviceaccount.com',
      userProjectOverride: true,
      billingProject: 'acme-fraud',
    });
    const events = new StorageBucket(this, 'Events', {
      name: 'acme-fraud-events',
      location: 'EU',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
    });
    const reports = new BigqueryDataset(this, 'Reports', { datasetId: 'reports', location: 'EU' });
    const analyst = new ServiceAccount(this, 'Analyst', { accountId: 'fraud-analyst' });

    // The landing zone enables APIs, and its host project has the network with DNS and routes.
    ml.PlatformStack.adopt(this, { enableApis: false });
    const network = ml.PrivateNetwork.fromNetwork(this, 'Network', {
      networkId: 'projects/acme-host/global/networks/shared',
      subnetworkId: 'projects/acme-host/regions/europe-west4/subnetworks/fraud',
    });

    // What exists already, as the constructs take it: made elsewhere, or in this stack.
    const encryptionKey = ml.EncryptionKey.fromKeyId(
      this,
      'Key',
      'projects/acme-keys/locations/europe-west4/keyRings/fraud/cryptoKeys/data',
      { serviceAgentsGranted: true },
    );
    const past = ml.DataLake.fromBucketNames(this, 'Past', {
      bucketNames: { history: 'acme-transactions', events: events.name },
    });
    const token = ml.Secret.fromSecretName(this, 'HubToken', 'hugging-face-token');

    const lake = new ml.DataLake(this, 'Lake', {
      network,
      encryptionKey,
      zones: [{ name: 'features' }],
      discovery: false,
    });
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
      secrets: { HF_TOKEN: token },
      accelerators: ['L4:1'],
      capacity: core.Capacity.spot(),
    });
    const endpoint = new ml.AutoScalingEndpoint(this, 'Fraud', {
      network,
      encryptionKey,
      machineType: 'n2-standard-4',
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', '1') },
          model: registry.model('fraud-detector').version('1'),
        },
      ],
    });

    // Portable grants go between constructs, also to a service account of the team; native ones to any member.
    lake.grantReadWrite(training);
    lake.grantRead(ml.Workload.fromServiceAccount(this, 'AnalystWorkload', analyst.email));
    endpoint.grants.invoke(analyst.member);
    training.grants.submit('group:fraud-team@acme.example');

    // A native resource, one step away: the member that names it, or the default child …
    lake.bucket('features').addOverride('labels.dataset', reports.datasetId);
    (endpoint.node.defaultChild as TerraformResource).addOverride('labels.owner', 'fraud');
    // … and what a construct says of itself, for resources of the team.
    new TerraformOutput(this, 'Submit', { value: training.submitCommand });
    new TerraformOutput(this, 'Invoke', { value: endpoint.invokeCommand });
  }
}

if (require.main === module) {
  const app = new App();
  new FraudStack(app, 'fraud-google');
  app.synth();
}
