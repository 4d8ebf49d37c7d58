import { mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { App as CdkApp } from 'aws-cdk-lib';
import { App, GcsBackend, TerraformOutput, TerraformResource, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { platformStack, PROJECT, refusal, twoStacks } from './support';
import * as google from '../../src/google';
import { ROWS } from '../../src/google/private/deploy-permissions/rows';
import { actionsIn } from '../../src/terraform/deploy-permissions';
import { inShell } from '../support/stand-ins';
import { newApp } from '../terraform/support';

const CI = 'serviceAccount:ci@ml-project.iam.gserviceaccount.com';

/** Something of which nobody told what it needs. */
class Exotic extends TerraformResource {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'google_lustre_instance',
      terraformGeneratorMetadata: { providerName: 'google' },
    });
  }
}

const { of } = google.DeployPermissions;
const reported = (app: App, stack: IConstruct): { kind: string; text: string }[] => {
  const report = JSON.parse(readFileSync(join(app.outdir, 'stacks', stack.node.id, 'report.json'), 'utf8'));
  return report.map(({ entry }: any) => entry).filter(({ title }: any) => title === 'Deploy identity');
};

describe('DeployPermissions', () => {
  test('names the permissions of a resource, in its project', () => {
    const stack = platformStack(newApp());
    const bucket = new StorageBucket(stack, 'Bucket', { name: 'ours', location: 'EU' });
    expect(of(bucket).actions).toEqual([
      'storage.buckets.create',
      'storage.buckets.delete',
      'storage.buckets.get',
      'storage.buckets.update',
      'storage.objects.list',
    ]);
    expect(of(bucket).projects).toEqual([PROJECT]);
    expect(of(bucket).permissionsIn(PROJECT)).toEqual(of(bucket).actions);
    expect(of(bucket).permissionsIn('elsewhere')).toEqual([]);
  });

  test('allows what the arguments ask for, no more', () => {
    const actionsOf = (props: object) =>
      of(new StorageBucket(platformStack(newApp()), 'Bucket', { name: 'ours', location: 'EU', ...props }))
        .actions;
    const plain = actionsOf({ forceDestroy: false });
    expect(actionsOf({ forceDestroy: true }).filter((action) => !plain.includes(action))).toEqual([
      'storage.objects.delete',
    ]);
  });

  test('is the same before synthesis and after, and makes no stack depend on another', () => {
    const { app, foundation, serving } = twoStacks();
    const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] });
    new TerraformOutput(serving, 'Uri', { value: lake.zone('raw').uri });
    const before = [foundation, serving].map((stack) => of(stack).actions);
    expect(serving.dependencies).toEqual([]);
    app.synth();
    expect([foundation, serving].map((stack) => of(stack).actions)).toEqual(before);
    expect(of(app).actions).toEqual([...new Set(before.flat())].sort());
  });

  test('needs the state, where it is in a bucket', () => {
    const stack = platformStack(newApp());
    new GcsBackend(stack, { bucket: 'states' });
    expect(of(stack).actions).toEqual(
      ['create', 'delete', 'get', 'list', 'update'].map((verb) => `storage.objects.${verb}`),
    );
    const enabled = platformStack(newApp(), 'platform', { enableApis: true });
    new google.DataLake(enabled, 'Lake');
    expect(of(enabled).actions).toContain('serviceusage.services.enable');
  });

  test('a project that shares something has a role of its own', () => {
    const stack = platformStack(newApp());
    new google.DataLake(stack, 'Lake');
    new ProjectIamMember(stack, 'Host', { project: 'host', role: 'roles/compute.networkUser', member: CI });
    expect(of(stack).projects).toEqual(['host', PROJECT]);
    expect(of(stack).permissionsIn('host')).toEqual(
      ['get', 'getIamPolicy', 'setIamPolicy'].map((verb) => `resourcemanager.projects.${verb}`),
    );
  });

  test('tells of types that it knows nothing of, and lets them be made', () => {
    const app = newApp();
    const stack = platformStack(app);
    new Exotic(stack, 'Exotic');
    expect(of(stack).unknownTypes).toEqual(['google_lustre_instance']);
    app.synth();
    expect(reported(app, stack)).toEqual([
      expect.objectContaining({ kind: 'command', text: ' # and what these need: google_lustre_instance' }),
    ]);
  });

  test('bounds the roles that are given, ten at a time, unless one is not known', () => {
    const stack = platformStack(newApp());
    const give = (role: string) => new ProjectIamMember(stack, role, { project: PROJECT, role, member: CI });
    expect(of(stack).conditions).toEqual([]);
    give('roles/run.invoker');
    expect(of(stack).conditions).toEqual([
      'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/run.invoker"])',
    ]);
    Array.from({ length: 10 }, (_, i) => give(`roles/test.role${i}`));
    expect(of(stack).conditions.map((condition) => condition.match(/roles\//g)!.length)).toEqual([10, 1]);
    new ProjectIamMember(stack, 'Unknown', {
      project: PROJECT,
      role: new StorageBucket(stack, 'Bucket', { name: 'b', location: 'EU' }).url,
      member: CI,
    });
    expect(of(stack).conditions).toEqual([]);
  });
});

describe('what makes the roles', () => {
  test('lies beside the stack, and its command is in the report', () => {
    const app = newApp();
    const stack = platformStack(app, 'foundation');
    new google.DataLake(stack, 'Lake');
    app.synth();
    const definition = JSON.parse(
      readFileSync(join(app.outdir, 'stacks', 'foundation', 'deploy-role.json'), 'utf8'),
    );
    expect(definition).toEqual({
      title: 'Deploys foundation',
      description: expect.any(String),
      stage: 'GA',
      includedPermissions: of(stack).actions,
    });
    const verb = (name: string) =>
      `gcloud iam roles ${name} foundation_deploy --project=${PROJECT} --file=cdktf.out/stacks/foundation/deploy-role.json --quiet`;
    expect(reported(app, stack).map(({ text }) => text)).toEqual([
      `{ ${verb('update')} || ${verb('create')}; }`,
    ]);
  });

  test('is written by the command, which changes a role that there is', async () => {
    const stack = platformStack(newApp());
    new google.DataLake(stack, "O'Hara");
    const deploy = of(stack.node.findChild("O'Hara"));
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    const file = 'platform-O-Hara.deploy-role.json';
    let missing = true;
    const gcloud = ({ args }: { args: string[] }) => {
      if (args[2] === 'update' && missing) {
        throw new Error('NOT_FOUND');
      }
    };
    await inShell({ gcloud }, async (shell) => {
      expect(await shell.run(`cd ${folder} && ${deploy.command}`)).toMatchObject({ code: 0 });
      missing = false;
      expect(await shell.run(`cd ${folder} && ${deploy.command}`)).toMatchObject({ code: 0 });
      expect(shell.calls.map(([, , , verb]) => verb)).toEqual(['update', 'create', 'update']);
      expect(shell.calls[0].slice(4)).toEqual([
        'platform_O_Hara_deploy',
        `--project=${PROJECT}`,
        `--file=${file}`,
        '--quiet',
      ]);
      expect(JSON.parse(readFileSync(join(folder, file), 'utf8')).includedPermissions).toEqual(
        deploy.actions,
      );
    });
  });

  test('is given to a member under the conditions', async () => {
    const stack = platformStack(newApp());
    new ProjectIamMember(stack, 'Given', { project: PROJECT, role: 'roles/run.invoker', member: CI });
    await inShell({ gcloud: () => undefined }, async (shell) => {
      expect(await shell.run(of(stack).grantCommand(CI))).toMatchObject({ code: 0, err: '' });
      expect(shell.calls).toEqual([
        [
          ...['gcloud', 'projects', 'add-iam-policy-binding', PROJECT],
          ...[`--role=projects/${PROJECT}/roles/platform_deploy`, `--member=${CI}`],
          `--condition=^|^title=deploys-1|expression=${of(stack).conditions[0]}`,
        ],
      ]);
    });
    refusal(() => of(stack).grantCommand(`x'; rm -rf /`), 'CMC-006');
    refusal(() => of(stack).grantCommand(undefined as never), 'CMC-002');
  });

  test('is in the project that the provider finds in its environment, where the program has none', async () => {
    const stack = new TerraformStack(newApp(), 'theirs');
    new GoogleProvider(stack, 'google');
    new StorageBucket(stack, 'Bucket', { name: 'ours', location: 'EU' });
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    await inShell({ gcloud: () => undefined }, async (shell) => {
      await shell.run(`cd ${folder} && ${of(stack).command}`, { GOOGLE_PROJECT: 'found' });
      expect(shell.calls[0]).toContain('--project=found');
    });
  });
});

test('what is not of an app of cdktf, or of another cloud, is refused', () => {
  refusal(() => of(undefined as never), 'CMC-003');
  expect(refusal(() => of(new CdkApp()), 'CMC-011')).toMatch(/not one of cdktf/);
});

test('permissions are written as IAM writes them', () => {
  const permissions = Object.values(ROWS).flatMap(actionsIn);
  expect(permissions.filter((one) => !/^[a-z]+(\.[a-zA-Z]+){2}$/.test(one))).toEqual([]);
});
