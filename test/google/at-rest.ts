import { AtRest } from '../support/at-rest';
import * as terraform from '../terraform/at-rest';

/** What a stack has services keep; of a workflow, the custom job that it starts too. */
export const atRestIn = (json: any): AtRest[] => [
  ...terraform.atRestIn(json),
  ...Object.values<any>(json.resource?.google_workflows_workflow ?? {})
    .filter(({ source_contents: source }) => source.includes('"jobSpec"'))
    .map(({ '//': about, source_contents: source }) => ({
      type: 'Vertex AI custom job',
      at: about.metadata.path,
      takesKey: true,
      hasKey: /"encryptionSpec":\{"kmsKeyName":"[^"]*google_kms_crypto_key/.test(source),
    })),
];
