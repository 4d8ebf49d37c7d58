import { aws_events as events, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { GpuTrainingCluster, GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { tell, toldTopics } from '../notifications';
import { Permission } from '../platform-role';
import { arn } from '../storage';
import { WAITS } from './workflow';
import { toldOf } from '../../../core/private/alarms';
import { report } from '../../../core/private/report';

/** What tells people of jobs. */
export interface TrainingAlarms {
  readonly topic?: sns.Topic;
  readonly rules: events.Rule[];
}

/** The rules that were asked for: an event for each job, so that no failure hides behind an earlier one. */
export function trainingAlarms(
  cluster: GpuTrainingCluster,
  { alarms, encryptionKey }: GpuTrainingClusterProps,
): TrainingAlarms {
  if (!alarms) {
    return { rules: [] };
  }
  const { jobFailed = true, noCapacityMinutes } = alarms;
  const { topic, topics } = toldTopics(cluster, 'Alarms', alarms, encryptionKey);
  const { stateMachineArn } = cluster.stateMachine;
  const field = (name: string) => events.EventField.fromPath(`$.detail.${name}`);
  const rules = [
    ...(jobFailed
      ? [
          new events.Rule(cluster, 'JobFailedRule', {
            description: `Training jobs of ${cluster.node.path} that failed, were refused or ran out of time`,
            eventPattern: {
              source: ['aws.states'],
              detailType: ['Step Functions Execution Status Change'],
              detail: { stateMachineArn: [stateMachineArn], status: ['FAILED', 'TIMED_OUT'] },
            },
            targets: tell(
              topics,
              `Training job ${field('name')} of ${cluster.node.path}: ${field('status')}. aws stepfunctions describe-execution --execution-arn ${field('executionArn')} says why.`,
            ),
          }),
        ]
      : []),
    ...(noCapacityMinutes === undefined
      ? []
      : [
          new events.Rule(cluster, 'JobWaitsRule', {
            description: `Training jobs of ${cluster.node.path} that waited for machines for ${noCapacityMinutes} minutes`,
            eventPattern: {
              source: [WAITS.source],
              detailType: [WAITS.detailType],
              detail: { stateMachine: [stateMachineArn] },
            },
            targets: tell(
              topics,
              `Training job ${field('job')} of ${cluster.node.path} has waited for machines for ${field('minutes')} minutes.`,
            ),
          }),
        ]),
  ];
  report(cluster, 'note', 'Alarms', `Jobs are told to ${toldOf(alarms)}.`);
  return { topic, rules };
}

/** What the state machine takes to tell of jobs that wait. */
export const tellPermissions = (scope: Construct, { alarms }: GpuTrainingClusterProps): Permission[] =>
  alarms?.noCapacityMinutes === undefined
    ? []
    : [
        {
          actions: ['events:PutEvents'],
          resources: [arn(scope, 'events', 'event-bus', 'default')],
          conditions: { StringEquals: { 'events:source': WAITS.source } },
        },
      ];
