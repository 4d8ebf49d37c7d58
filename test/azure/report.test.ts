import { join } from 'path';
import { App } from 'cdktf';
import { newApp, PLACE, platform, refusal, SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
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

const build = (app: App) => quickstart(azure, (id) => platform(id, { resourceGroupName: undefined }, app));

describe('the quickstart', () => {
  const app = newApp();
  build(app);
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
    expect(sentencesOf(index)).toEqual([
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
    expect(shown('foundation').title).toBe('foundation');
    mustTell(shown('foundation'), {
      sections: [...SECTIONS, 'Third-party providers'],
      facts: [
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
      ],
    });
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
    mustBeTheSame(files, reportsOf(build));
  });
});

test('is left out where it is not wanted', () => {
  const quiet = (app: App) => {
    platform('quiet', { report: false }, app);
    azure.PlatformStack.adopt(new TestStack(app, 'adopted'), { ...PLACE, report: false });
  };
  expect(reportsOf(quiet)).toEqual({});
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
