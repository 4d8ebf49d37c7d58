import { all, only, platform, refusal, synthesizedPlatform } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const IMAGE = 'acmeml.azurecr.io/serve:1';
const PAGER = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/pager';
const PEOPLE = { notify: ['ml@example.com'] };
const SCALING = { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 };

const endpoint = (stack: azure.PlatformStack, props: Partial<azure.AutoScalingEndpointProps>) =>
  new azure.AutoScalingEndpoint(stack, 'Fraud', {
    variants: [{ name: 'main', container: { image: IMAGE } }],
    ...props,
  });
const served = (props: Partial<azure.AutoScalingEndpointProps>) =>
  synthesizedPlatform((stack) => endpoint(stack, props));

test('e-mail addresses and webhooks are receivers of one group, told with groups that exist', () => {
  const { json, made } = synthesizedPlatform((stack) =>
    endpoint(stack, {
      alarms: {
        errorPercent: 1,
        notify: ['ml@example.com', 'https://chat.example.com/ml'],
        channels: [azure.NotificationChannel.fromActionGroupId(stack, 'Pager', PAGER)],
      },
    }),
  );
  const { id, email_receiver, webhook_receiver } = only(json, 'azurerm_monitor_action_group');
  expect(email_receiver).toEqual([
    { name: 'email-0', email_address: 'ml@example.com', use_common_alert_schema: true },
  ]);
  expect(webhook_receiver).toEqual([
    { name: 'webhook-0', service_uri: 'https://chat.example.com/ml', use_common_alert_schema: true },
  ]);
  expect(only(json, 'azurerm_monitor_scheduled_query_rules_alert_v2').action.action_groups).toEqual([
    `\${azurerm_monitor_action_group.${id}.id}`,
    PAGER,
  ]);
  expect(made.actionGroup).toBeDefined();
});

test('short names of action groups are as short as Azure takes them', () => {
  const { json } = synthesizedPlatform((stack) => {
    const alarms = { ...PEOPLE, errorPercent: 1 };
    endpoint(stack, { alarms });
    const registry = new azure.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }], ...PEOPLE });
    new azure.GpuTrainingCluster(stack, 'Training', {
      image: IMAGE,
      registry,
      accelerators: ['T4:1'],
      alarms: { ...PEOPLE, jobFailed: true },
    });
    new azure.ServerlessInference(stack, 'Thumbnails', {
      container: { image: IMAGE },
      alarms: { ...PEOPLE, atMaximumMinutes: 15 },
    });
  });
  const names = all(json, 'azurerm_monitor_action_group').map(({ short_name }) => short_name);
  expect(names).toHaveLength(4);
  expect(names.filter((name) => name.length > 12)).toEqual([]);
});

test('an endpoint at its maximum is told by what its autoscale setting sees', () => {
  const { json, made } = served({ scaling: SCALING, alarms: { ...PEOPLE, atMaximumMinutes: 15 } });
  const { id: setting } = only(json, 'azurerm_monitor_autoscale_setting');
  const { id: group } = only(json, 'azurerm_monitor_action_group');
  const { '//': _, id, name, ...alarm } = only(json, 'azurerm_monitor_metric_alert');
  expect(alarm).toEqual({
    resource_group_name: 'ml',
    description: 'As many machines as scaling allows, for 15 minutes: platform/Fraud/Variant-main',
    severity: 2,
    scopes: [`\${azurerm_monitor_autoscale_setting.${setting}.id}`],
    frequency: 'PT5M',
    window_size: 'PT15M',
    criteria: [
      {
        metric_namespace: 'Microsoft.Insights/autoscalesettings',
        metric_name: 'ObservedCapacity',
        aggregation: 'Average',
        operator: 'GreaterThanOrEqual',
        threshold: 8,
      },
    ],
    action: [{ action_group_id: `\${azurerm_monitor_action_group.${group}.id}` }],
  });
  expect(made.alarms).toHaveLength(1);
});

test('the maximum may be a parameter', () => {
  const { json } = served({
    scaling: { ...SCALING, maxInstances: core.DeployParameter.ofNumber('Most', 8) },
    alarms: { atMaximumMinutes: 60 },
  });
  const [{ threshold }] = only(json, 'azurerm_monitor_metric_alert').criteria;
  expect(threshold).toBe('${var.Most}');
  expect(only(json, 'azurerm_monitor_metric_alert').window_size).toBe('PT1H');
});

test('machines that Azure does not give are told from the log of scale actions', () => {
  const { json } = served({ scaling: SCALING, alarms: { ...PEOPLE, noCapacity: true } });
  const { id: setting } = only(json, 'azurerm_monitor_autoscale_setting');
  const alarm = only(json, 'azurerm_monitor_scheduled_query_rules_alert_v2');
  expect(alarm.criteria[0]).toMatchObject({
    query: 'AutoscaleScaleActionsLog | where ResultType == "Failed" | summarize value = count()',
    operator: 'GreaterThan',
    threshold: 0,
  });
  const sent = all(json, 'azurerm_monitor_diagnostic_setting').find(
    ({ target_resource_id: target }) => target === `\${azurerm_monitor_autoscale_setting.${setting}.id}`,
  )!;
  expect(sent.enabled_log).toEqual([{ category: 'AutoscaleScaleActions' }]);
  expect(alarm.scopes).toEqual([sent.log_analytics_workspace_id]);
});

test('a shift of traffic is taken back by alarms of the release, not by those of capacity', () => {
  const variant = (name: string) => ({ name, container: { image: IMAGE } });
  const { json, made } = served({
    variants: [variant('blue'), variant('green')],
    scaling: SCALING,
    alarms: { ...PEOPLE, errorPercent: 1, atMaximumMinutes: 15, noCapacity: true },
  });
  const nameOf = (id: string) =>
    all(json, 'azurerm_monitor_scheduled_query_rules_alert_v2').find((one) => one.id.includes(id))!.name;
  expect(made.alarms).toHaveLength(4);
  expect(made.shiftCommand.match(/essentials\.alertRule/g)).toHaveLength(1);
  const { node } = made.alarms[0];
  expect(node.path).toContain('ErrorAlarm');
  expect(nameOf('ErrorAlarm')).not.toBe(nameOf('NoCapacityAlarm'));
});

test('a serverless inference at its maximum is told by its replicas', () => {
  const { json, made } = synthesizedPlatform(
    (stack) =>
      new azure.ServerlessInference(stack, 'Thumbnails', {
        container: { image: IMAGE },
        maxInstances: 5,
        alarms: { ...PEOPLE, atMaximumMinutes: 5 },
      }),
  );
  expect(only(json, 'azurerm_monitor_metric_alert')).toMatchObject({
    description: 'As many instances as maxInstances allows, for 5 minutes: platform/Thumbnails',
    scopes: [expect.stringMatching(/^\$\{azurerm_container_app\./)],
    frequency: 'PT1M',
    window_size: 'PT5M',
    criteria: [
      {
        metric_namespace: 'Microsoft.App/containerApps',
        metric_name: 'Replicas',
        aggregation: 'Minimum',
        operator: 'GreaterThanOrEqual',
        threshold: 5,
      },
    ],
  });
  expect(made.actionGroup).toBeDefined();
});

test('a job that failed is told by the runs of the workflow', () => {
  const { json, made } = synthesizedPlatform(
    (stack) =>
      new azure.GpuTrainingCluster(stack, 'Training', {
        image: IMAGE,
        accelerators: ['T4:1'],
        alarms: PEOPLE,
      }),
  );
  expect(only(json, 'azurerm_monitor_metric_alert')).toMatchObject({
    description: 'A training job failed or ran out of time, within 5 minutes: platform/Training',
    window_size: 'PT5M',
    criteria: [
      {
        metric_namespace: 'Microsoft.Logic/workflows',
        metric_name: 'RunsFailed',
        aggregation: 'Total',
        operator: 'GreaterThan',
        threshold: 0,
      },
    ],
  });
  expect(made.alarms).toHaveLength(1);
  expect(reportOf(made).map(({ entry }) => entry.text)).toContain('Jobs are told to ml@example.com.');
});

test.each<[string, Partial<azure.AutoScalingEndpointProps>, string, string]>([
  [
    'a time that Azure Monitor does not look back',
    { scaling: SCALING, alarms: { atMaximumMinutes: 20 } },
    'CMC-005',
    'alarms.atMaximumMinutes (20) must be one of 1, 5, 15, 30, 60, 360, 720',
  ],
  [
    'a maximum of what is not scaled',
    { scaling: { minInstances: 2, maxInstances: 2 }, alarms: { atMaximumMinutes: 15 } },
    'CMC-009',
    'alarms.atMaximumMinutes needs scaling',
  ],
])('refuses %s', (_, props, code, message) => {
  const stack = platform();
  expect(refusal(() => endpoint(stack, props), code)).toContain(message);
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
});

test('refuses what is no action group, and the windows of others for apps', () => {
  const stack = platform();
  expect(
    refusal(() => azure.NotificationChannel.fromActionGroupId(stack, 'Pager', 'pager'), 'CMC-006'),
  ).toContain('the resource id of an action group');
  expect(
    refusal(
      () =>
        new azure.ServerlessInference(stack, 'Thumbnails', {
          container: { image: IMAGE },
          alarms: { atMaximumMinutes: 10 },
        }),
      'CMC-005',
    ),
  ).toContain('alarms.atMaximumMinutes (10)');
});
