/** An alias of a version in the Model Registry of Vertex AI takes letters, digits and hyphens. */
const alias = (state: 'version' | 'approved', version: string) =>
  `${state}-${version.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;

/** `projects/…/locations/…/models/…` as gcloud takes it. */
function parts(model: string): { id: string; where: string; region: string } {
  const [, project, , region, , id] = model.split('/');
  return { id, region, where: `--region=${region} --project=${project}` };
}

export interface Publication {
  /** `projects/…/locations/…/models/…` */
  readonly model: string;
  readonly name: string;
  readonly version: string;
  readonly files: string;
  readonly imageUri: string;
  readonly approved: boolean;
}

/** Uploads the files and registers the version: the first one makes the model. */
export function publish({ model, name, version, files, imageUri, approved }: Publication): string {
  const { id, where } = parts(model);
  const aliases = [alias('version', version), ...(approved ? [alias('approved', version)] : [])];
  return [
    `gcloud storage rsync --recursive "$MODEL_FILES" ${files}`,
    `gcloud ai models upload $(gcloud ai models describe ${id} ${where} >/dev/null 2>&1` +
      ` && echo --parent-model=${model} || echo --model-id=${id}) ${where}` +
      ` --display-name=${name} --artifact-uri=${files} --container-image-uri=${imageUri}` +
      ` --container-ports=8080 --container-health-route=/ping --container-predict-route=/invocations` +
      ` --version-aliases=${aliases.join(',')}`,
  ].join(' && ');
}

const versionOf = (model: string, known: string, field: string) => {
  const { id, where } = parts(model);
  return `gcloud ai models describe ${id}@${known} ${where} --format='value(${field})'`;
};

/** gcloud adds no aliases; the service's own address does. It takes the version by its number. */
export const approve = (model: string, version: string): string =>
  [
    'curl --fail-with-body --silent --show-error --request POST',
    '--header "Authorization: Bearer $(gcloud auth print-access-token)"',
    "--header 'Content-Type: application/json'",
    `--data '{"versionAliases":["${alias('approved', version)}"]}'`,
    `"https://${parts(model).region}-aiplatform.googleapis.com/v1/${model}@$(${versionOf(model, alias('version', version), 'versionId')}):mergeVersionAliases"`,
  ].join(' ');

/** Fails where the version has no such alias. */
export const checkApproval = (model: string, version: string): string =>
  versionOf(model, alias('approved', version), 'versionId');

export const push = (imageUri: string): string =>
  [
    `gcloud auth configure-docker ${imageUri.slice(0, imageUri.indexOf('-docker.pkg.dev'))}-docker.pkg.dev --quiet`,
    `docker build --platform linux/amd64 --tag ${imageUri} .`,
    `docker push ${imageUri}`,
  ].join(' && ');
