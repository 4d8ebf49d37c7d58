import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as aws from '../../src/aws';
import { only, Shares, Shiftable } from '../support/shift';

/** What variants have after CloudFormation has updated an endpoint: what they had, where the template retains it. */
export function weightsAfter(resources: { readonly [id: string]: any }, before: Shares): Shares {
  const of = (type: string) => Object.values(resources).find(({ Type }) => Type === type).Properties;
  const { RetainAllVariantProperties: all, ExcludeRetainedVariantProperties: but = [] } =
    of('AWS::SageMaker::Endpoint');
  const retains = all && !but.some((one: any) => one.VariantPropertyType === 'DesiredWeight');
  return Object.fromEntries(
    of('AWS::SageMaker::EndpointConfig').ProductionVariants.map(
      ({ VariantName: name, InitialVariantWeight: weight }: any) => [
        name,
        retains ? (before[name] ?? weight) : weight,
      ],
    ),
  );
}

/** An endpoint of SageMaker with the variants blue and green. */
export function shiftable(endpoint: aws.AutoScalingEndpoint): Shiftable {
  const name = endpoint.endpointName;
  const { Resources } = Template.fromStack(Stack.of(endpoint)).toJSON();
  const at = ['--endpoint-name', name];
  return {
    command: endpoint.shiftCommand,
    deployAgain: async ({ weights }) => weightsAfter(Resources, weights),
    standIns: (running) => ({
      aws: ({ args }) => {
        switch (args[1]) {
          case 'describe-endpoint':
            only(args, [
              ...['sagemaker', 'describe-endpoint', ...at],
              ...['--query', 'ProductionVariants[].[VariantName,CurrentWeight]', '--output', 'text'],
            ]);
            return Object.entries(running.weights)
              .map(([variant, weight]) => `${variant}\t${weight.toFixed(1)}\n`)
              .join('');
          case 'update-endpoint-weights-and-capacities': {
            const [, ...asked] = only(args, [
              ...['sagemaker', args[1], ...at],
              /^(--desired-weights-and-capacities)$/,
              /^VariantName=(blue),DesiredWeight=([\d.]+)$/,
              /^VariantName=(green),DesiredWeight=([\d.]+)$/,
            ]);
            running.move(Object.fromEntries(asked.map(([, variant, weight]) => [variant, Number(weight)])));
            return '{"EndpointArn": "arn"}';
          }
          case 'wait':
            expect(args).toEqual(['sagemaker', 'wait', 'endpoint-in-service', ...at]);
            return '';
          default:
            only(args, [
              ...['cloudwatch', 'describe-alarms'],
              ...['--alarm-names', `${name}-green-p99-latency`, `${name}-green-error-percent`],
              ...['--state-value', 'ALARM', '--query', 'MetricAlarms[].AlarmName', '--output', 'text'],
            ]);
            return running
              .look()
              .map((alarm) => `${name}-green-${alarm}`)
              .join('\t');
        }
      },
    }),
  };
}
