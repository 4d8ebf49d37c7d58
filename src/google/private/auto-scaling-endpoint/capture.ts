import { BigqueryDataset } from '@cdktf/provider-google/lib/bigquery-dataset';
import { VertexAiEndpointPredictRequestResponseLoggingConfig } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { report } from '../../../core/private/report';
import { text } from '../../../terraform/text';
import type { IEncryptionKey } from '../../encryption-key';
import { apis } from '../apis';
import { encryptedBy } from '../keys';
import { physicalName } from '../names';
import { placeOf } from '../place';

/** The dataset in which Vertex AI makes the table of requests and answers. What is captured is never deleted with it. */
export function captureDataset(scope: Construct, key?: IEncryptionKey): BigqueryDataset {
  const dataset = new BigqueryDataset(scope, 'Capture', {
    datasetId: physicalName(scope, { maxLength: 128, separator: '_' }),
    location: placeOf(scope).region,
    friendlyName: text(`Requests and answers of ${scope.node.path}`),
    deleteContentsOnDestroy: false,
    defaultEncryptionConfiguration: key && { kmsKeyName: key.keyId },
    dependsOn: [...apis(scope, 'bigquery'), ...encryptedBy(scope, key, 'bigquery')],
  });
  report(
    scope,
    'note',
    'Capture',
    'Requests and answers are kept in the table request_response_logging of BigQuery; destroying the stack fails while it is there.',
  );
  return dataset;
}

export const captureTo = (
  dataset: BigqueryDataset,
  { samplePercent = 100 }: core.CaptureProps,
): VertexAiEndpointPredictRequestResponseLoggingConfig => ({
  enabled: true,
  samplingRate: samplePercent / 100,
  bigqueryDestination: { outputUri: `bq://${dataset.project}.${dataset.datasetId}` },
});
