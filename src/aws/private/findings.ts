import { Finding } from './suppressions';

/*
 * What scanners find and why it stands, one table for each construct. A wildcard in a policy has its reason in the
 * permission that holds it.
 */

type Findings = { readonly [name: string]: Finding };

const REGULATIONS = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'] as const;
const HIPAA_AND_NIST = ['HIPAA.Security', 'NIST.800.53.R5'] as const;

/** Of the buckets of every construct. */
export const BUCKETS = {
  replication: {
    rules: { S3BucketReplicationEnabled: REGULATIONS },
    because:
      'S3 keeps objects in three zones and their old versions for long; a copy in another region is for the user to decide, who knows where the data may be.',
  },
} satisfies Findings;

export const ACCESS_LOGS = {
  ownLogs: {
    checkov: ['CKV_AWS_18'],
    because: 'The bucket that takes the access logs of all others cannot log to itself.',
  },
  key: {
    rules: { S3DefaultEncryptionKMS: REGULATIONS },
    because: 'S3 delivers access logs to buckets that it encrypts with keys of its own, and to no others.',
  },
} satisfies Findings;

export const AUDIT_TRAIL = {
  oneRegion: {
    checkov: ['CKV_AWS_67'],
    because:
      'The trail records what is done to buckets of its region; what else an account records, and where, is its own trails’ matter.',
  },
} satisfies Findings;

export const ENCRYPTION_KEY = {
  serviceLinkedRoles: {
    checkov: ['CKV_AWS_33'],
    because:
      'Service-linked roles, which may not exist yet, can be named in a condition only: it takes no one but those of this account.',
  },
} satisfies Findings;

export const PRIVATE_NETWORK = {
  addresses: {
    rules: { EC23: ['AwsSolutions'], EC2RestrictedCommonPorts: REGULATIONS, EC2RestrictedSSH: REGULATIONS },
    because: 'The addresses are those of the VPC, known to the template only by reference; the port is 443.',
  },
  defaultGroup: {
    rules: { VPCDefaultSecurityGroupClosed: REGULATIONS },
    because:
      'CloudFormation cannot empty the default security group, and nothing here is in it; every rule is in a group of its own.',
  },
  wayOut: {
    rules: { VPCNoUnrestrictedRouteToIGW: REGULATIONS },
    because:
      'The way to the internet was asked for by internetEgress: the public subnets hold the gateway that translates addresses, and nothing else.',
  },
} satisfies Findings;

export const GPU_TRAINING_CLUSTER = {
  nodes: {
    rules: { EC2RestrictedCommonPorts: REGULATIONS },
    because:
      'The nodes of a job, and nobody else, reach each other on all ports: EFA takes no narrower rule, and programs choose their ports as they run.',
  },
} satisfies Findings;

export const AUTO_SCALING_ENDPOINT = {
  rollbackAlarm: {
    rules: { CloudWatchAlarmAction: HIPAA_AND_NIST },
    because:
      'SageMaker reads the alarm and takes the rollout back; people are told by the alarm with the same threshold beside it.',
  },
  partOfAlarm: {
    rules: { CloudWatchAlarmAction: HIPAA_AND_NIST },
    because: 'The alarm is a part of a composite one, which tells people.',
  },
  container: {
    checkov: ['CKV_AWS_370'],
    because:
      'The container reads its secrets or its model files from AWS, which network isolation forbids: it is the prop networkIsolation.',
  },
} satisfies Findings;

export const SERVERLESS_INFERENCE = {
  notIsolated: {
    checkov: ['CKV_AWS_370'],
    because: 'SageMaker serverless has no network isolation; REGULATED takes AWS Lambda in a network.',
  },
  synchronous: {
    rules: { LambdaDLQ: HIPAA_AND_NIST },
    checkov: ['CKV_AWS_116'],
    because: 'Callers wait for the answer: nothing is lost without their notice.',
  },
  noNetwork: {
    rules: { LambdaInsideVPC: REGULATIONS },
    checkov: ['CKV_AWS_117'],
    because:
      'A network is made by the user, never behind their back: with the prop network the function is in it, and REGULATED asks for one.',
  },
} satisfies Findings;
