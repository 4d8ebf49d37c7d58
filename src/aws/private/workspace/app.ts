import { createHash } from 'crypto';
import { CfnResource, Fn, aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { StudioImage } from './image';
import { WorkspacePlan } from './judge';
import { environmentScript, workspaceVariables } from '../../../core/private/workspace';
import type { WorkspaceProps } from '../../workspace';
import { physicalName } from '../names';

/** What a notebook starts with: machine, image, and a script that its user runs. */
export const startOf = (
  scope: Construct,
  props: WorkspaceProps,
  plan: WorkspacePlan,
  image?: StudioImage,
): sagemaker.CfnDomain.ResourceSpecProperty => ({
  instanceType: plan.choice.type,
  lifecycleConfigArn: script(scope, props, plan),
  sageMakerImageArn: image?.imageArn,
  sageMakerImageVersionArn: image?.versionArn,
});

/** A script is never changed: other content is another script. */
function script(scope: Construct, props: WorkspaceProps, { app, datasetVariables }: WorkspacePlan): string {
  const stack = Stack.of(scope);
  const variables = workspaceVariables(props, datasetVariables);
  const content = ['#!/bin/sh', 'set -eu', ...environmentScript(stack.toJsonString(variables)), ''].join(
    '\n',
  );
  const hash = createHash('sha256')
    .update(JSON.stringify(stack.resolve([app.type, content])))
    .digest('hex')
    .slice(0, 8);
  const config = new sagemaker.CfnStudioLifecycleConfig(scope, 'Script', {
    studioLifecycleConfigName: `${physicalName(scope, { maxLength: 54 })}-${hash}`,
    studioLifecycleConfigAppType: app.type,
    studioLifecycleConfigContent: Fn.base64(content),
  });
  untagged(config);
  return config.attrStudioLifecycleConfigArn;
}

/** Other tags would make CloudFormation replace it, which its name forbids. */
export const untagged = (resource: CfnResource): void => resource.addPropertyDeletionOverride('Tags');

/** What each app of the editor begins with, and when it ends. */
export function appSettings(
  { app, diskGiB, idleShutdownMinutes }: WorkspacePlan,
  defaultResourceSpec: sagemaker.CfnDomain.ResourceSpecProperty,
  image?: StudioImage,
): Omit<sagemaker.CfnDomain.UserSettingsProperty, 'executionRole'> {
  return {
    spaceStorageSettings: {
      defaultEbsStorageSettings: {
        defaultEbsVolumeSizeInGb: diskGiB,
        maximumEbsVolumeSizeInGb: diskGiB,
      },
    },
    [app.settings]: {
      appLifecycleManagement: {
        idleSettings: {
          lifecycleManagement: 'ENABLED',
          idleTimeoutInMinutes: idleShutdownMinutes,
          // Users may shorten it.
          minIdleTimeoutInMinutes: 60,
          maxIdleTimeoutInMinutes: idleShutdownMinutes,
        },
      },
      customImages: image && [image.customImage],
      defaultResourceSpec,
      lifecycleConfigArns: [defaultResourceSpec.lifecycleConfigArn!],
    } satisfies sagemaker.CfnDomain.JupyterLabAppSettingsProperty,
  };
}
