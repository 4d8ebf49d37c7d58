import { tmpdir } from 'os';
import { join } from 'path';
import { App, TerraformOutput } from 'cdktf';
import { newApp, PLACE, platform, refusal, SUBSCRIPTION } from './support';
import { commandsOf, foundation, serving } from '../../examples/quickstart/platform';
import * as azure from '../../src/azure';
import { mustShow, reportsIn, shownBy } from '../support/report';
import { madeIn } from '../terraform/report';
import { TestStack } from '../terraform/support';

/** The files of the reports of what `build` puts into an app. */
function reportsOf(build: (app: App) => void): { readonly [file: string]: string } {
  const app = newApp();
  build(app);
  app.synth();
  return reportsIn(app.outdir);
}

function quickstart(app: App): void {
  const stacks = ['foundation', 'serving'].map((id) => platform(id, { resourceGroupName: undefined }, app));
  const made = foundation(azure, stacks[0]);
  const { Submit } = commandsOf(made, serving(azure, stacks[1], made)).foundation;
  new TerraformOutput(stacks[0], 'Submit', { value: Submit });
}

describe('the quickstart', () => {
  const app = newApp();
  quickstart(app);
  app.synth();
  const files = reportsIn(app.outdir);
  const shown = (stack: string) => shownBy(files[join('stacks', stack, 'report.html')]);
  const index = shownBy(files['report.html']);

  test('is drawn from what Terraform reads', () => {
    expect(index.boxes).toEqual([
      'foundation/Lake',
      'foundation/MlAccessLogs',
      'foundation/Registry',
      'foundation/MlWorkspace',
      'foundation/Training',
      'serving/Fraud',
      'serving/Thumbnails',
    ]);
    mustShow(index, madeIn(app.outdir, ['foundation', 'serving']));
  });

  test('says what its arrows mean', () => {
    expect(index.arrows.map(({ from, to, says }) => `${from} ${says} ${to}`).sort()).toEqual([
      'foundation/Lake logs to foundation/MlAccessLogs',
      'foundation/MlWorkspace logs to foundation/MlAccessLogs',
      'foundation/Registry logs to foundation/MlAccessLogs',
      'foundation/Registry uses foundation/MlWorkspace',
      'foundation/Training logs to foundation/MlAccessLogs',
      'foundation/Training reads and writes foundation/Registry',
      'foundation/Training reads foundation/Lake',
      'foundation/Training starts, pulls images foundation/MlWorkspace',
      'serving/Fraud pulls images foundation/MlWorkspace',
      'serving/Fraud reads foundation/Registry',
      'serving/Thumbnails invokes serving/Fraud',
      'serving/Thumbnails pulls images foundation/MlWorkspace',
    ]);
  });

  test('tells of foundation what was created and chosen, bills and is needed, and what comes next', () => {
    const { title, sections, text } = shown('foundation');
    expect(title).toBe('foundation');
    expect(sections).toEqual([
      'What was created',
      'Other stacks',
      'Chosen for you',
      'What bills while idle',
      'Quotas to have',
      'Addresses and next commands',
      'Good to know',
      'Third-party providers',
    ]);
    for (const fact of [
      `Cloud Azure Deployed by Terraform Subscription ${SUBSCRIPTION} Region westeurope`,
      'Resource group 1 × azurerm_resource_group',
      '1 × Microsoft.MachineLearningServices/workspaces ,',
      'Standard_NC4as_T4_v3',
      'MlWorkspace Container registry Bills per day for its tier, used or not.',
      'Azure ML: ',
      'terraform init terraform apply',
      'eval "$(terraform output -raw Submit)"',
      'azapi Azure/azapi',
      'time hashicorp/time',
    ]) {
      expect(text).toContain(fact);
    }
  });

  test('tells of serving what third parties make, and what is given at its deployment', () => {
    const { text } = shown('serving');
    expect(text).toContain('Microsoft.MachineLearningServices/workspaces/onlineEndpoints');
    expect(text).toContain(
      'The endpoint is made by the providers Azure/azapi (by Microsoft) and hashicorp/time.',
    );
    expect(text).toContain("terraform apply -var 'FraudNext=1' -var 'FraudVersion=1'");
    expect(text).toMatch(
      /Predictions https:\/\/serving-fraud-\w+\.westeurope\.inference\.ml\.azure\.com\/invocations/,
    );
  });

  test('is the same each time, and names nothing of this machine', () => {
    expect(reportsOf(quickstart)).toEqual(files);
    const all = Object.values(files).join('\n');
    expect(all).not.toContain(process.cwd());
    expect(all).not.toContain(tmpdir());
  });
});

test('is left out where it is not wanted', () => {
  const build = (app: App) => {
    platform('quiet', { report: false }, app);
    azure.PlatformStack.adopt(new TestStack(app, 'adopted'), { ...PLACE, report: false });
  };
  expect(reportsOf(build)).toEqual({});
  expect(refusal(() => platform('s', { report: 1 as never }), 'CMC-003')).toContain('report');
});

test('draws a network around what runs in it, and tells nothing of people elsewhere', () => {
  const files = reportsOf((app) => {
    const stack = platform('platform', {}, app);
    const network = new azure.PrivateNetwork(stack, 'Network');
    new azure.Workspace(stack, 'Team', {
      network,
      users: [{ name: 'ada', principalId: 'cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee' }],
    });
  });
  const { arrows, text } = shownBy(files[join('stacks', 'platform', 'report.html')]);
  expect(text).toContain('platform/Team runs in platform/Network');
  expect(arrows.filter(({ to }) => to === 'platform/Team')).toEqual([]);
});
