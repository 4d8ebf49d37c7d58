import { aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { WorkspacePlan } from './judge';
import { ResolvedImage } from '../images';
import { physicalName } from '../names';
import { PlatformRole } from '../platform-role';

/** An image of the user as Studio takes it. */
export interface StudioImage {
  readonly customImage: sagemaker.CfnDomain.CustomImageProperty;
  readonly imageArn: string;
  readonly versionArn: string;
}

/** Makes an image known to Studio: it is pulled as the role, and starts as the editor does. */
export function studioImage(
  scope: Construct,
  { uri }: ResolvedImage,
  role: PlatformRole,
  { app }: WorkspacePlan,
): StudioImage {
  const image = new sagemaker.CfnImage(scope, 'Image', {
    imageName: physicalName(scope, { maxLength: 63 }),
    imageRoleArn: role.roleArn,
  });
  image.node.addDependency(...role.ready);
  const version = new sagemaker.CfnImageVersion(scope, 'ImageVersion', {
    imageName: image.imageName,
    baseImage: uri,
  });
  version.node.addDependency(image);
  const config = new sagemaker.CfnAppImageConfig(scope, 'ImageConfig', {
    appImageConfigName: physicalName(scope, { maxLength: 63 }),
    [app.imageConfig]: {
      containerConfig: {
        // Without it clients ask us-east-1 first, which a private network does not reach.
        containerEnvironmentVariables: [{ key: 'AWS_DEFAULT_REGION', value: Stack.of(scope).region }],
      },
    },
  });
  return {
    customImage: {
      imageName: image.imageName,
      imageVersionNumber: version.attrVersion,
      // The reference puts them in order.
      appImageConfigName: config.ref,
    },
    imageArn: image.attrImageArn,
    versionArn: version.attrImageVersionArn,
  };
}
