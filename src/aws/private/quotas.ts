import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { CapacityKind } from '../../core';
import { MachineChoice } from '../../core/private/machines';
import { Count, countOf, needQuota, Quota } from '../../core/private/quotas';
import { isToken } from '../../core/private/tokens';

/** Quotas are found by name: SageMaker has another code for each machine type. */
function quota(scope: IConstruct, service: string, code: string, name: string, unit: string): Quota {
  const { region } = Stack.of(scope);
  const where = `--service-code ${code}${isToken(region) ? '' : ` --region ${region}`}`;
  const named = `Quotas[?QuotaName=='${name}']`;
  const list = (command: string, what: string) =>
    `aws service-quotas ${command} ${where} --query "${named}.${what}" --output text`;
  return {
    ...{ service, name, unit },
    check: list('list-service-quotas', '[QuotaCode,Value]'),
    request: `aws service-quotas request-service-quota-increase ${where} --quota-code "$(${list('list-aws-default-service-quotas', 'QuotaCode')})" --desired-value "$AMOUNT"`,
  };
}

/** Of a type that only deployment knows, a part of the command is to be filled in. */
const nameOf = (type: string) => (isToken(type) ? 'MACHINE_TYPE' : type);

/** What SageMaker counts machines of a type for. */
export enum SageMakerUse {
  TRAINING = 'training job usage',
  SPOT_TRAINING = 'spot training job usage',
  ENDPOINT = 'endpoint usage',
}

/** Machines of SageMaker: a quota for each type and use. */
export function needSageMaker(
  scope: IConstruct,
  { type }: MachineChoice,
  use: SageMakerUse,
  count: Count,
  note?: string,
): void {
  const found = quota(scope, 'SageMaker', 'sagemaker', `${nameOf(type)} for ${use}`, 'machines');
  needQuota(scope, { ...found, ...(note && { note }) }, count);
}

/** Apps of SageMaker Studio: a quota for each type and app. */
export function needStudio(scope: IConstruct, { type }: MachineChoice, app: string, count: Count): void {
  const title = `Studio ${app} Apps running on ${nameOf(type)} instances`;
  needQuota(scope, quota(scope, 'SageMaker', 'sagemaker', title, 'machines'), count);
}

/** Machines of EC2, counted in vCPU for each kind of machine; spot apart. */
export function needEc2(
  scope: IConstruct,
  { type }: MachineChoice,
  vcpu: number,
  capacity: CapacityKind,
  count: Count,
): void {
  const spot = capacity === CapacityKind.SPOT;
  const { onDemand, spot: spotName, note } = ec2Names(type);
  const found = quota(scope, 'EC2', 'ec2', spot ? spotName : onDemand, 'vCPU');
  const told = capacity === CapacityKind.RESERVED ? 'which the reservation counts against already' : note;
  needQuota(scope, { ...found, ...(told && { note: told }) }, count, vcpu);
}

const STANDARD = 'Standard (A, C, D, H, I, M, R, T, Z)';

/** By the first letters of the type: `p4d.24xlarge`. */
function ec2Names(type: string): { onDemand: string; spot: string; note?: string } {
  const [, letters, generation] = /^([a-z]+?)(\d)/.exec(type) ?? [];
  const names = (kind: string, spotKind = kind) => ({
    onDemand: `Running On-Demand ${kind} instances`,
    spot: `All ${spotKind} Spot Instance Requests`,
  });
  switch (letters) {
    case 'g':
    case 'gr':
      return names('G and VT');
    case 'p':
      return {
        ...names('P', Number(generation) < 5 ? 'P4, P3 and P2' : 'P5'),
        ...(Number(generation) > 5 && { note: 'check the name for this type' }),
      };
    case 'trn':
      return names('Trn');
    case 'inf':
      return names('Inf');
    case 'dl':
      return names('DL');
    default:
      return names(STANDARD);
  }
}

/** GiB of file systems of FSx for Lustre, of the kind that takes a key. */
export function needLustre(scope: IConstruct, sizeGiB: number): void {
  const found = quota(scope, 'FSx', 'fsx', 'Lustre Persistent_2 storage capacity', 'GiB');
  needQuota(scope, found, countOf(sizeGiB, 0));
}

/** Requests at the same time of a serverless endpoint of SageMaker. */
export function needServerless(scope: IConstruct, count: Count): void {
  const title = 'Maximum total concurrency that can be allocated across all serverless endpoints';
  needQuota(scope, quota(scope, 'SageMaker', 'sagemaker', title, 'requests at the same time'), count);
}

/** A network, and its way out where it has one: new accounts have few of each. */
export function needNetwork(scope: IConstruct, natGateways: number): void {
  const one = { amount: 1, open: false };
  needQuota(scope, quota(scope, 'VPC', 'vpc', 'VPCs per Region', 'networks'), one);
  if (natGateways) {
    const way = { amount: natGateways, open: false };
    needQuota(scope, quota(scope, 'VPC', 'vpc', 'NAT gateways per Availability Zone', 'gateways'), way);
    needQuota(scope, quota(scope, 'EC2', 'ec2', 'EC2-VPC Elastic IPs', 'addresses'), way);
  }
}

/** Instances that Lambda reserves for a function. */
export function needConcurrency(scope: IConstruct, count: Count): void {
  const found = quota(scope, 'Lambda', 'lambda', 'Concurrent executions', 'instances');
  needQuota(scope, { ...found, free: 100, note: '100 more must stay unreserved' }, count);
}
