import { TerraformVariable } from 'cdktf';
import {
  all,
  EMAIL,
  newApp,
  only,
  platformStack,
  refusal,
  rolesOf,
  synthesized,
  synthesizedStack,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { Faults } from '../../src/core/private/faults';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { ofWorkload } from '../../src/google/private/grants';
import { judgeImage, resolveImage, resolveModel } from '../../src/google/private/images';

const MODELS = [{ name: 'fraud', approvalRequired: true }, { name: 'churn' }];
const registryOf = (props: Partial<google.ModelRegistryProps> = {}) =>
  synthesizedStack((stack) => new google.ModelRegistry(stack, 'Registry', { models: MODELS, ...props }));

const FRAUD = 'projects/ml-project/locations/europe-west4/models/platform-registry-model-fraud-53de1b24';
const SERVE = 'europe-west4-docker.pkg.dev/ml-project/platform-registry-image-serve-6fdf1f91/serve';
const FILES = 'gs://platform-registry-4f5e43b2/models/fraud';

describe('ModelRegistry', () => {
  test('has the native bucket as default child', () => {
    const { made: registry } = registryOf();
    expect(registry.node.defaultChild).toBe(registry.artifactBucket);
    expect(registry.artifactBucket.terraformResourceType).toBe('google_storage_bucket');
  });

  test('is minimal', () => {
    const { json } = registryOf({ models: [{ name: 'fraud' }] });
    expect(Object.keys(json.resource!)).toEqual([
      'google_storage_bucket',
      'google_storage_bucket_iam_member',
      'terraform_data',
    ]);
    expect(only(json, 'google_storage_bucket', 'Registry')).toMatchObject({
      name: 'platform-registry-4f5e43b2',
      versioning: { enabled: true },
      public_access_prevention: 'enforced',
      force_destroy: false,
      lifecycle_rule: [
        { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 7 } },
        { condition: { days_since_noncurrent_time: 365, with_state: 'ARCHIVED' } },
      ],
    });
  });

  test('takes a registry that exists already, also one of another project', () => {
    const { json, made: registry } = synthesizedStack((stack) => {
      const imported = google.ModelRegistry.fromAttributes(stack, 'Registry', {
        artifactBucketName: 'shared-models',
        repositoryIds: { serve: 'projects/shared/locations/europe/repositories/ml' },
        modelIds: { fraud: 'projects/shared/locations/europe-west4/models/fraud' },
        approvalRequired: ['fraud'],
      });
      imported.grantRead(google.Workload.fromServiceAccount(stack, 'Job', EMAIL));
      return imported;
    });
    expect(registry.imageUri('serve', '7')).toBe('europe-docker.pkg.dev/shared/ml/serve:7');
    expect(registry.approvalRequired('fraud')).toBe(true);
    expect(registry.publishCommand('fraud', '1', registry.image('serve', '7'))).toContain(
      'gs://shared-models/models/fraud/1/',
    );
    expect(only(json, 'google_artifact_registry_repository_iam_member').repository).toBe(
      'projects/shared/locations/europe/repositories/ml',
    );
  });

  test('scans images, keeps tags as they are and cleans up what has none', () => {
    const { json, made: registry } = registryOf({ images: ['serve'] });
    expect(only(json, 'google_artifact_registry_repository')).toMatchObject({
      repository_id: 'platform-registry-image-serve-6fdf1f91',
      format: 'DOCKER',
      docker_config: { immutable_tags: true },
      vulnerability_scanning_config: { enablement_config: 'INHERITED' },
      cleanup_policies: [
        { action: 'DELETE', condition: { older_than: '1209600s', tag_state: 'UNTAGGED' }, id: 'untagged' },
      ],
      lifecycle: { prevent_destroy: true },
    });
    expect(registry.repository('serve').terraformResourceType).toBe('google_artifact_registry_repository');
  });

  test('encrypts files and images under REGULATED with one key', () => {
    const { json } = synthesizedStack(
      (stack) => new google.ModelRegistry(stack, 'Registry', { models: MODELS, images: ['serve'] }),
      { securityProfile: core.SecurityProfile.REGULATED },
    );
    const key = `\${google_kms_crypto_key.${only(json, 'google_kms_crypto_key').id}.id}`;
    expect(only(json, 'google_artifact_registry_repository').kms_key_name).toBe(key);
    expect(only(json, 'google_storage_bucket', 'Registry').encryption.default_kms_key_name).toBe(key);
    expect(only(json, 'google_project_service_identity')).toMatchObject({
      service: 'artifactregistry.googleapis.com',
      provider: 'google-beta',
    });
  });

  test('mails changes of approvals', () => {
    const { json } = registryOf({ notify: ['ml@example.com'] });
    const { id, labels } = only(json, 'google_monitoring_notification_channel');
    expect(labels).toEqual({ email_address: 'ml@example.com' });
    const policy = only(json, 'google_monitoring_alert_policy');
    expect(policy.notification_channels).toEqual([`\${google_monitoring_notification_channel.${id}.name}`]);
    expect(policy.conditions[0].condition_matched_log.filter).toContain(
      'protoPayload.resourceName=~"/models/(platform-registry-model-fraud-53de1b24|platform-registry-model-churn-',
    );
    expect(policy.alert_strategy).toEqual({ notification_rate_limit: { period: '300s' } });
  });

  test('mails addresses that are given at deployment', () => {
    const { json } = synthesizedStack((stack) => {
      const address = new TerraformVariable(stack, 'Oncall', { type: 'string' });
      return new google.ModelRegistry(stack, 'Registry', { models: MODELS, notify: [address.stringValue] });
    });
    expect(only(json, 'google_monitoring_notification_channel')).toMatchObject({
      display_name: 'Approvals: ${var.Oncall}',
      labels: { email_address: '${var.Oncall}' },
    });
  });

  test('tells a channel that exists, when the APIs are on', () => {
    const { json } = synthesizedStack(
      (stack) =>
        new google.ModelRegistry(stack, 'Registry', {
          models: MODELS,
          channels: [
            google.NotificationChannel.fromChannelId(stack, 'Pager', 'projects/p/notificationChannels/42'),
          ],
        }),
      { enableApis: true },
    );
    expect(only(json, 'google_monitoring_alert_policy').depends_on).toEqual([
      'google_project_service.MlApi-monitoring',
      'google_project_service.MlApi-logging',
    ]);
  });

  test('says who gives the agents that it makes their roles', () => {
    const { made } = synthesizedStack(
      (stack) => new google.ModelRegistry(stack, 'Registry', { models: MODELS, images: ['serve'] }),
      { securityProfile: core.SecurityProfile.REGULATED },
    );
    const note = reportOf(made.node.scope!).find(({ entry }) => entry.title === 'Provider google-beta');
    expect(note!.entry.text).toContain(
      'gcloud projects add-iam-policy-binding ml-project --role=roles/artifactregistry.serviceAgent --member="serviceAccount:service-$(',
    );
  });

  test('takes what users write literally', () => {
    const { json } = synthesizedStack(
      (stack) => new google.ModelRegistry(stack, 'Re${x}', { models: MODELS, notify: ['a${b}@example.com'] }),
    );
    expect(only(json, 'google_monitoring_notification_channel').labels.email_address).toBe(
      'a$${b}@example.com',
    );
    expect(only(json, 'google_monitoring_alert_policy').display_name).toContain('platform/Re$${x}');
  });

  test('shares with the service accounts of other projects', () => {
    const { json } = registryOf({ images: ['serve'], readers: ['team-one'], publishers: ['team-two'] });
    const of = (project: string) =>
      `principalSet://cloudresourcemanager.googleapis.com/projects/\${data.google_project.MlProject-${project}.number}/type/ServiceAccount`;
    expect(rolesOf(json, of('team-one'))).toEqual([
      'roles/artifactregistry.reader',
      'roles/storage.objectViewer',
    ]);
    expect(rolesOf(json, of('team-two'))).toEqual([
      'roles/aiplatform.user',
      'roles/artifactregistry.writer',
      'roles/storage.objectUser',
    ]);
  });

  test('prints the commands that publish, approve, check and push', () => {
    const { made: registry } = registryOf({ images: ['serve'] });
    const where = '--region=europe-west4 --project=ml-project';
    const model = FRAUD.split('/').pop();
    expect(registry.modelId('fraud')).toBe(FRAUD);
    expect(registry.publishCommand('fraud', '3.1', registry.image('serve', '7'))).toBe(
      `gcloud storage rsync --recursive "$MODEL_FILES" ${FILES}/3.1/ && gcloud ai models upload` +
        ` $(gcloud ai models describe ${model} ${where} >/dev/null 2>&1 && echo --parent-model=${FRAUD}` +
        ` || echo --model-id=${model}) ${where} --display-name=fraud --artifact-uri=${FILES}/3.1/` +
        ` --container-image-uri=${SERVE}:7 --container-ports=8080 --container-health-route=/ping` +
        ' --container-predict-route=/invocations --version-aliases=version-3-1',
    );
    expect(registry.publishCommand('churn', '3', registry.image('serve', '7'))).toContain(
      '--version-aliases=version-3,approved-3',
    );
    expect(registry.checkApprovalCommand('fraud', '3')).toBe(
      `gcloud ai models describe ${model}@approved-3 ${where} --format='value(versionId)'`,
    );
    expect(registry.approveCommand('fraud', '3')).toContain(
      `--data '{"versionAliases":["approved-3"]}' "https://europe-west4-aiplatform.googleapis.com/v1/${FRAUD}@$(gcloud ai models describe ${model}@version-3 ${where} --format='value(versionId)'):mergeVersionAliases"`,
    );
    expect(registry.pushCommand('serve', '7')).toBe(
      'gcloud auth configure-docker europe-west4-docker.pkg.dev --quiet' +
        ` && docker build --platform linux/amd64 --tag ${SERVE}:7 . && docker push ${SERVE}:7`,
    );
    refusal(() => registry.approveCommand('fraud', '3; rm -rf /'), 'CMC-006');
  });

  test('adding a model or an image moves no other', () => {
    const { made: one } = registryOf({ images: ['serve'] });
    const { made: more } = registryOf({ models: [{ name: 'a1' }, ...MODELS], images: ['a1', 'serve'] });
    expect(more.modelId('fraud')).toBe(one.modelId('fraud'));
    expect(more.pushCommand('serve', '1')).toBe(one.pushCommand('serve', '1'));
  });

  describe('grants', () => {
    test('to workloads are their children, for the models’ files and each image', () => {
      const { app, foundation, serving } = twoStacks();
      const registry = new google.ModelRegistry(foundation, 'Registry', {
        models: MODELS,
        images: ['serve'],
      });
      const job = google.Workload.fromServiceAccount(serving, 'Job', EMAIL);
      [1, 2].forEach(() => registry.grantRead(job));
      registry.grantPublish(job);
      const json = synthesized(app);
      expect(rolesOf(json.serving, `serviceAccount:${EMAIL}`)).toEqual([
        'roles/aiplatform.user',
        'roles/artifactregistry.reader',
        'roles/artifactregistry.writer',
        'roles/storage.objectUser',
        'roles/storage.objectViewer',
      ]);
      expect(
        all(json.serving, 'google_storage_bucket_iam_member').map(({ condition }) => condition.title),
      ).toEqual(['Below models/', 'Below models/']);
      expect(rolesOf(json.foundation, `serviceAccount:${EMAIL}`)).toEqual([]);
    });

    test('cannot point backwards', () => {
      const { foundation, serving } = twoStacks();
      serving.addDependency(foundation);
      const registry = new google.ModelRegistry(serving, 'Registry', { models: MODELS });
      const job = google.Workload.fromServiceAccount(foundation, 'Job', EMAIL);
      refusal(() => registry.grantPublish(job), 'CMC-013');
    });
  });

  describe('images and models as constructs use them', () => {
    const judged = (image: string) => {
      const stack = platformStack(newApp());
      const faults = new Faults();
      judgeImage(stack, image, 'image', faults);
      return faults.none;
    };

    test('images are in Artifact Registry', () => {
      expect(
        [
          'europe-docker.pkg.dev/vertex-ai/prediction/pytorch-gpu.2-4:latest',
          'us-central1-docker.pkg.dev/ml-project/repo/dir/serve@sha256:' + 'a'.repeat(64),
          'eu.gcr.io/ml-project/serve:1',
        ].map(judged),
      ).toEqual([true, true, true]);
      expect(['docker.io/library/python:3', 'python', 'x.pkg.dev/a/b/c'].map(judged)).toEqual([
        false,
        false,
        false,
      ]);
    });

    test('a version is below its model’s files, as the deployment gives it', () => {
      const { app, foundation, serving } = twoStacks();
      const registry = new google.ModelRegistry(foundation, 'Registry', {
        models: MODELS,
        images: ['serve'],
      });
      const job = google.Workload.fromServiceAccount(serving, 'Job', EMAIL) as google.Workload;
      const version = core.DeployParameter.of('FraudVersion', '7');
      const model = resolveModel(job, registry.model('fraud').version(version));
      model.grantRead(ofWorkload(job));
      resolveImage(job, registry.image('serve', '7')).grantPull(ofWorkload(job));
      expect(model.approvalRequired).toBe(true);
      const { serving: json } = synthesized(app);
      expect(json.variable.FraudVersion.default).toBe('7');
      const { bucket, condition } = only(json, 'google_storage_bucket_iam_member');
      expect(condition.expression).toBe(
        `resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("projects/_/buckets/${bucket}/objects/models/fraud/")`,
      );
      expect(only(json, 'google_artifact_registry_repository_iam_member').role).toBe(
        'roles/artifactregistry.reader',
      );
    });
  });

  test('refuses everything that is wrong at once, and leaves nothing behind', () => {
    const stack = platformStack(newApp());
    refusal(
      () =>
        new google.ModelRegistry(stack, 'Registry', {
          models: [{ name: 'a_b' }],
          images: ['x', 'ok', 'ok'],
          notify: ['nobody'],
          readers: ['123'],
        }),
      'CMC-006',
      'CMC-006',
      'CMC-007',
      'CMC-006',
      'CMC-006',
    );
    expect(stack.node.tryFindChild('Registry')).toBeUndefined();
    refusal(
      () =>
        google.ModelRegistry.fromAttributes(stack, 'None', { artifactBucketName: 'bucket', modelIds: {} }),
      'CMC-002',
    );
  });
});
