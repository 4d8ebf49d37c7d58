import { TerraformStack } from 'cdktf';
import { PERSON, platform, SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { QuotaNeed } from '../../src/core/private/quotas';
import { reportOf } from '../../src/core/private/report';

const IMAGE = 'mcr.microsoft.com/azureml/train:1';
const AZURE_ML = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope`;
const COMPUTE = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope`;
const T4 = 'standard NCASv3_T4 Family';
const TOTAL = ['Azure ML', 'TotalDedicatedCores'];
const GROWS = 'check whether it grows with those of the families';

function needs(build: (stack: TerraformStack) => void): QuotaNeed[] {
  const stack = platform();
  build(stack);
  return reportOf(stack).flatMap(({ entry }) => entry.quota ?? []);
}

const told = (all: QuotaNeed[]) =>
  all.map(({ service, name, amount, unit, note }) => [service, name, amount, unit, ...(note ? [note] : [])]);

const SERVICES = [
  ['Compute', 'standardDSv5Family', 8, 'vCPU'],
  ['Compute', 'cores', 8, 'vCPU'],
];

const train =
  (props: Partial<azure.GpuTrainingClusterProps> = {}) =>
  (stack: TerraformStack) =>
    new azure.GpuTrainingCluster(stack, 'Training', {
      ...{ image: IMAGE, accelerators: ['T4:1'], maxNodes: 2, ...props },
      network: props.engine && new azure.PrivateNetwork(stack, 'Network', { internetEgress: true }),
    });

describe('quotas on Azure', () => {
  test('Azure ML has vCPU of its own for each family', () => {
    const [family, all] = needs(train());
    expect(told([all])).toEqual([[...TOTAL, 8, 'vCPU', GROWS]]);
    expect([family]).toEqual([
      {
        service: 'Azure ML',
        name: T4,
        unit: 'vCPU',
        amount: 8,
        open: false,
        check: `az quota list --scope ${AZURE_ML} --query '[].[name,properties.limit.value]' --output tsv | grep -i '${T4}'`,
        request: `az quota update --scope ${AZURE_ML} --resource-name '${T4}' --resource-type dedicated --limit-object value="$AMOUNT"`,
      },
    ]);
  });

  test('all machines at low priority share one', () => {
    const [need, ...others] = needs(train({ capacity: core.Capacity.spot() }));
    expect(others).toEqual([]);
    expect(told([need])).toEqual([['Azure ML', 'TotalLowPriorityCores', 8, 'vCPU']]);
    expect(need.request).toBe(
      `az quota update --scope ${AZURE_ML} --resource-name 'TotalLowPriorityCores' --resource-type lowPriority --limit-object value="$AMOUNT"`,
    );
  });

  test('AKS counts against those of Compute: of the family, and of the region', () => {
    const [family, region, ...services] = needs(train({ engine: azure.TrainingEngine.aks() }));
    expect(told([family, region])).toEqual([
      ['Compute', T4, 8, 'vCPU'],
      ['Compute', 'cores', 8, 'vCPU'],
    ]);
    // Its own services: three machines, and one more while they are upgraded.
    expect(told(services)).toEqual(SERVICES);
    expect(family.check).toBe(
      `az vm list-usage --location westeurope --query '[].[name.value,currentValue,limit]' --output tsv | grep -i '${T4}'`,
    );
    expect(family.request).toContain(`--scope ${COMPUTE} --resource-name '${T4}' --resource-type dedicated `);
  });

  test('spot machines of AKS share one', () => {
    expect(
      told(needs(train({ engine: azure.TrainingEngine.aks(), capacity: core.Capacity.spot() }))),
    ).toEqual([['Compute', 'lowPriorityCores', 8, 'vCPU'], ...SERVICES]);
  });

  test('a family without a known name is found by the machine type', () => {
    const [need] = needs(train({ accelerators: undefined, machineType: 'Standard_D4s_v5' }));
    expect(told([need])).toEqual([
      ['Azure ML', 'the family of Standard_D4s_v5', 2, 'times the vCPU of Standard_D4s_v5'],
    ]);
    expect(need.request).toContain(
      `--resource-name "$(az vm list-skus --location westeurope --size Standard_D4s_v5 --query "[?name=='Standard_D4s_v5'].family | [0]" --output tsv)" `,
    );
  });

  test('an endpoint needs what it scales to and the fewest once more, each with a fifth in reserve', () => {
    expect(
      told(
        needs((stack) => {
          const registry = new azure.ModelRegistry(stack, 'Registry', {
            models: [{ name: 'fraud' }],
            images: ['serve'],
          });
          new azure.AutoScalingEndpoint(stack, 'Fraud', {
            variants: [
              {
                name: 'main',
                container: { image: registry.image('serve', '1') },
                model: registry.model('fraud').version('1'),
              },
            ],
            accelerators: ['T4:1'],
            scaling: { minInstances: 2, maxInstances: 8, gpuPercent: 60 },
          });
        }),
      ),
      // 1.2 × 8 is 10 machines, 1.2 × 2 is 3, of 4 vCPU.
    ).toEqual([
      ['Azure ML', T4, 52, 'vCPU'],
      [...TOTAL, 52, 'vCPU', GROWS],
    ]);
  });

  test('notebooks count twice while they are replaced', () => {
    expect(
      told(
        needs((stack) => {
          new azure.Workspace(stack, 'Team', {
            ...{ users: [{ name: 'ada', principalId: PERSON }], accelerators: ['T4:1'] },
          });
        }),
      ),
    ).toEqual([
      ['Azure ML', T4, 8, 'vCPU'],
      [...TOTAL, 8, 'vCPU', GROWS],
    ]);
  });

  const infer = (accelerators?: string[]) =>
    needs((stack) => {
      new azure.ServerlessInference(stack, 'Thumbnails', {
        ...{ container: { image: IMAGE }, accelerators, maxInstances: 5 },
      });
    });

  test('an environment of Container Apps counts, and the processors of its instances', () => {
    const [cores, count, ...others] = infer();
    expect(others).toEqual([]);
    expect(told([cores, count])).toEqual([
      ['Container Apps', 'Managed Environment Consumption Cores', 5, 'vCPU'],
      ['Container Apps', 'Managed Environment Count', 1, 'environments'],
    ]);
    expect(count.check).toContain(
      `az containerapp list-usages --location westeurope --subscription ${SUBSCRIPTION} `,
    );
  });

  test('accelerators of Container Apps have their own, which no command raises', () => {
    const name = 'Managed Environment Consumption T4 GPUs';
    const [gpus] = infer(['T4:1']);
    expect(gpus).toEqual({
      service: 'Container Apps',
      name,
      unit: 'accelerators',
      amount: 5,
      open: false,
      check: expect.stringMatching(
        new RegExp(
          `^az containerapp env list-usages --name platform-[\\w-]+ --resource-group ml --subscription ${SUBSCRIPTION} --query 'value\\[\\]\\.\\[name.localizedValue,currentValue,limit\\]' --output tsv \\| grep -i '${name}'$`,
        ),
      ),
      request: expect.stringContaining('no command asks for more'),
    });
  });
});
