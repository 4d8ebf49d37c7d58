import { join } from 'path';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { App, TerraformStack } from 'cdktf';
import { newApp, platformStack, PROJECT, refusal, REGION } from './support';
import { report } from '../../src/core/private/report';
import * as google from '../../src/google';
import {
  mustBeTheSame,
  mustShow,
  mustTell,
  reportsIn,
  SECTIONS,
  sentencesOf,
  shownBy,
} from '../support/report';
import { madeIn, quickstart, reportsOf } from '../terraform/report';
import { TestStack } from '../terraform/support';

const build = (app: App) => quickstart(google, (id) => platformStack(app, id, { enableApis: true }));

describe('the quickstart', () => {
  const app = newApp();
  build(app);
  app.synth();
  const files = reportsIn(app.outdir);
  const shown = (stack: string) => shownBy(files[join('stacks', stack, 'report.html')]);
  const index = shownBy(files['report.html']);

  test('has a report of each stack where Terraform runs, and an index', () => {
    expect(Object.keys(files)).toEqual([
      'report.html',
      'report.md',
      ...['foundation', 'serving'].flatMap((stack) =>
        ['html', 'json', 'md'].map((type) => join('stacks', stack, `report.${type}`)),
      ),
    ]);
  });

  test('is drawn from what Terraform reads', () => {
    expect(index.boxes).toEqual([
      'foundation/Lake',
      'foundation/MlAccessLogs',
      'foundation/Registry',
      'foundation/Training',
      'serving/Fraud',
      'serving/Thumbnails',
    ]);
    mustShow(index, madeIn(app.outdir, ['foundation', 'serving']));
  });

  test('says what its arrows mean', () => {
    expect(sentencesOf(index)).toEqual([
      'foundation/Lake logs to foundation/MlAccessLogs',
      'foundation/Registry logs to foundation/MlAccessLogs',
      'foundation/Training logs to foundation/MlAccessLogs',
      'foundation/Training reads and writes, pulls images foundation/Registry',
      'foundation/Training reads foundation/Lake',
      'serving/Fraud reads, pulls images foundation/Registry',
      'serving/Thumbnails invokes serving/Fraud',
      'serving/Thumbnails pulls images foundation/Registry',
    ]);
  });

  test('tells of foundation what was created and chosen, bills and is needed, and what comes next', () => {
    expect(shown('foundation').title).toBe('foundation');
    mustTell(shown('foundation'), {
      sections: [...SECTIONS],
      facts: [
        `Cloud Google Cloud Deployed by Terraform Project ${PROJECT} Region ${REGION}`,
        'APIs and roles of the project 11 × google_project_service',
        'g2-standard-4 with L4:1: the first of L4:1, T4:1 that is offered.',
        'Nothing runs between jobs.',
        'Vertex AI: custom_model_training_preemptible_nvidia_l4_gpus, 2 accelerators',
        'In the folder of this report. terraform init terraform apply',
        'Zone raw gs:// ‹Lake/Zone-raw/Bucket name› /',
        'eval "$(terraform output -raw Submit)"',
        'gcloud workflows run foundation-training-',
        'Output gs://',
      ],
    });
  });

  test('tells of serving what third parties make, and what is given at its deployment', () => {
    const { sections, text } = shown('serving');
    expect(sections[sections.length - 1]).toBe('Third-party providers');
    expect(text).toContain('restful magodo/restful ~> 0.25 restful_operation , restful_resource');
    expect(text).toContain('It is made by a third party, published under the MPL-2.0');
    expect(text).toContain("terraform apply -var 'FraudNext=1' -var 'FraudVersion=1'");
    expect(text).toContain('https:// ‹Fraud/Endpoint dedicated_endpoint_dns›');
  });

  test('is the same each time, and names nothing of this machine', () => {
    mustBeTheSame(files, reportsOf(build));
    expect(index.text).toContain('Stacks 2');
    expect(files['report.html']).toContain('<a href="stacks/serving/report.html">serving</a>');
  });

  test('tells machines the facts as Terraform has them', () => {
    expect(JSON.parse(files[join('stacks', 'serving', 'report.json')])).toContainEqual({
      path: 'serving/Thumbnails',
      entry: expect.objectContaining({
        kind: 'command',
        text: expect.stringContaining('${google_cloud_run_v2_service.Thumbnails_Service_7A6F8478.uri}'),
      }),
    });
  });
});

test('is left out where it is not wanted', () => {
  const quiet = (app: App) => {
    platformStack(app, 'quiet', { report: false });
    new TestStack(app, 'plain');
  };
  expect(reportsOf(quiet)).toEqual({});
  expect(refusal(() => platformStack(newApp(), 's', { report: 1 as never }), 'CMC-003')).toContain('report');
});

test('tells of a stack that was adopted, of what it has of its own, and of one that it uses', () => {
  const files = reportsOf((app) => {
    const [shared, own] = ['shared', 'own'].map((id) => new TestStack(app, id));
    [shared, own].forEach(
      (stack) => new GoogleProvider(stack, 'google', { project: PROJECT, region: REGION }),
    );
    google.PlatformStack.adopt(own, { enableApis: false });
    const lake = new google.DataLake(shared, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    new StorageBucket(own, 'Mine', { name: 'mine', location: 'EU' });
    new google.GpuTrainingCluster(own, 'Training', {
      datasets: [lake],
      image: 'europe-docker.pkg.dev/images/train/train:1',
      accelerators: ['L4:1'],
    });
  });
  const { boxes, arrows } = shownBy(files[join('stacks', 'own', 'report.html')]);
  expect(Object.keys(files)).toHaveLength(3);
  expect(boxes).toEqual(expect.arrayContaining(['own/Mine', 'own/Training', 'shared/Lake']));
  expect(arrows).toContainEqual({ from: 'own/Training', to: 'shared/Lake', says: 'reads' });
});

test('draws a network around what runs in it', () => {
  const files = reportsOf((app) => {
    const stack = platformStack(app);
    const network = new google.PrivateNetwork(stack, 'Network');
    new google.ServerlessInference(stack, 'Thumbnails', {
      network,
      container: { image: 'europe-docker.pkg.dev/images/serve/serve:1' },
    });
  });
  const html = files[join('stacks', 'platform', 'report.html')];
  expect(shownBy(html).text).toContain('platform/Thumbnails runs in platform/Network');
  expect(html).toMatch(/<g class="cmc-area"><rect[^>]*\/><text[^>]*>in Network</);
});

test('is written of what an override adds, and of output in HCL', () => {
  const files = reportsOf((app) => {
    const stack = platformStack(app);
    new StorageBucket(stack, 'Bucket', { name: 'a-bucket', location: 'EU' });
    stack.addOverride('resource.google_pubsub_topic.extra', { name: 'extra' });
  });
  expect(shownBy(files[join('stacks', 'platform', 'report.html')]).text).toContain(
    'Other resources 1 × google_pubsub_topic',
  );
  const hcl = new App({ outdir: newApp().outdir, hclOutput: true });
  new StorageBucket(platformStack(hcl), 'Bucket', { name: 'a-bucket', location: 'EU' });
  hcl.synth();
  expect(shownBy(reportsIn(hcl.outdir)[join('stacks', 'platform', 'report.html')]).boxes).toEqual([
    'platform/Bucket',
  ]);
});

test('shows any text that constructs tell', () => {
  const files = reportsOf((app) => {
    const stack: TerraformStack = platformStack(app);
    report(stack, 'note', '<b>title</b>', 'a | b `c` </td><script>alert(1)</script> $${x} %%{y}');
  });
  const html = files[join('stacks', 'platform', 'report.html')];
  expect(html).not.toContain('<script');
  expect(shownBy(html).text).toContain('a | b `c` </td><script>alert(1)</script> ${x} %{y}');
});
