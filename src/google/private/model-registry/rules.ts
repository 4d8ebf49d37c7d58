import { list, record, required, text } from '../../../core/private/schema';
import { BUCKET_NAME } from '../storage';

export const VERSION = text({
  pattern: /^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])?$/,
  means: 'a version: lower-case letters, digits, . _ and -, at most 40, first and last a letter or digit',
});

const NAMES = { keys: /^[a-z]([a-z0-9-]*[a-z0-9])?$/, means: "lower-case letters, digits and '-'" };
const path = (collection: string) =>
  text({
    pattern: new RegExp(`^projects/[\\w.:-]+/locations/[\\w-]+/${collection}/[\\w.-]+$`),
    means: `projects/…/locations/…/${collection}/…`,
  });
/** The props of a registry that exists already. */
export const FROM_PROPS = {
  artifactBucketName: required(BUCKET_NAME),
  repositoryIds: record(path('repositories'), NAMES),
  modelIds: required(record(path('models'), NAMES)),
  approvalRequired: list(text()),
};
