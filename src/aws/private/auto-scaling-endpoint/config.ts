import { aws_kms as kms, aws_s3 as s3, aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Variant } from './variant';
import * as core from '../../../core';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import { IDataZone } from '../../data-lake';
import { numberValue } from '../deploy-parameter';

/** The configuration of an endpoint: unnamed, so that CloudFormation replaces it with every change. */
export function endpointConfig(
  scope: Construct,
  props: AutoScalingEndpointProps,
  { variants, key, endpointName }: { variants: Variant[]; key: kms.IKey; endpointName: string },
): sagemaker.CfnEndpointConfig {
  return new sagemaker.CfnEndpointConfig(scope, 'Config', {
    kmsKeyId: key.keyArn,
    productionVariants: variants.map((variant) => productionVariant(scope, props, variant)),
    dataCaptureConfig: props.capture && dataCapture(props.capture, endpointName),
  });
}

function productionVariant(
  scope: Construct,
  { scaling, capacity }: AutoScalingEndpointProps,
  { model, plan: { variant, machine, weight, volumeGiB } }: Variant,
): sagemaker.CfnEndpointConfig.ProductionVariantProperty {
  const seconds = variant.container.startupTimeoutSeconds;
  return {
    variantName: variant.name,
    modelName: model.attrModelName,
    instanceType: machine.type,
    initialInstanceCount: numberValue(scope, scaling?.minInstances ?? 1),
    initialVariantWeight: weight,
    volumeSizeInGb: volumeGiB,
    containerStartupHealthCheckTimeoutInSeconds: seconds ?? 600,
    modelDataDownloadTimeoutInSeconds: variant.model && (seconds ?? 1200),
    routingConfig: { routingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
    capacityReservationConfig: capacity?.reservationId
      ? {
          capacityReservationPreference: 'capacity-reservations-only',
          mlReservationArn: capacity.reservationId,
        }
      : undefined,
  };
}

function dataCapture(
  capture: core.CaptureProps,
  endpointName: string,
): sagemaker.CfnEndpointConfig.DataCaptureConfigProperty {
  const bucket = bucketOf(capture);
  return {
    enableCapture: true,
    initialSamplingPercentage: capture.samplePercent ?? 100,
    destinationS3Uri: `s3://${bucket.bucketName}/${endpointName}`,
    kmsKeyId: bucket.encryptionKey?.keyArn,
    captureOptions: [{ captureMode: 'Input' }, { captureMode: 'Output' }],
    // Other types are kept in base64.
    captureContentTypeHeader: {
      jsonContentTypes: ['application/json', 'application/jsonlines'],
      csvContentTypes: ['text/csv'],
    },
  };
}

/** The bucket of a judged zone. */
export const bucketOf = ({ zone }: core.CaptureProps): s3.IBucket => (zone as IDataZone).bucket;
