import { DataGoogleBigqueryDefaultServiceAccount } from '@cdktf/provider-google/lib/data-google-bigquery-default-service-account';
import { DataGoogleLoggingProjectCmekSettings } from '@cdktf/provider-google/lib/data-google-logging-project-cmek-settings';
import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { KmsCryptoKeyIamMember } from '@cdktf/provider-google/lib/kms-crypto-key-iam-member';
import { ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { apis } from './apis';
import { BETA, betaProvider } from './beta';
import { after } from './judge';
import { once, placeOf, projectNumber } from './place';
import * as core from '../../core';
import { report } from '../../core/private/report';
import { GenericResource } from '../../terraform/generic';
import { EncryptionKey, IEncryptionKey } from '../encryption-key';

/** The id of a stack's default key is part of the API: it decides the key's address. */
const DEFAULT_KEY = 'MlKey';

/**
 * The key of a construct: the one it was given, else, under SecurityProfile.REGULATED, the default key of its stack. None
 * under STANDARD: Google encrypts with keys of its own.
 */
export function keyFor(construct: IConstruct, given?: core.IEncryptionKey): IEncryptionKey | undefined {
  if (given || core.SecurityProfile.of(construct) !== core.SecurityProfile.REGULATED) {
    return given as IEncryptionKey | undefined;
  }
  const stack = TerraformStack.of(construct);
  return once(stack, DEFAULT_KEY, () => new EncryptionKey(stack, DEFAULT_KEY));
}

/**
 * Lets the service agent of an API encrypt with a key. The permission stands next to the key, once per agent. What is
 * encrypted has this as its `dependsOn`.
 *
 * @param api its short name: `storage`, `artifactregistry`, `aiplatform`, `run`
 */
export function encryptedBy(
  user: IConstruct,
  key: IEncryptionKey | undefined,
  api: string,
): ITerraformDependable[] {
  if (!key || key.serviceAgentsGranted) {
    return [];
  }
  const id = `Agent-${api}`;
  return after(
    user,
    once(
      key,
      id,
      () =>
        new KmsCryptoKeyIamMember(key as unknown as Construct, id, {
          cryptoKeyId: key.keyId,
          role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
          member: serviceAgent(key, api),
          // Its agent is there when the API is enabled: Compute Engine's is named, and made by nothing here.
          dependsOn: apis(key, api),
        }),
    ),
  );
}

/** The APIs whose service agent the provider itself knows, or which have another name than that of their API. */
const KNOWN: {
  readonly [api: string]: (stack: TerraformStack, id: string, dependsOn: ITerraformDependable[]) => string;
} = {
  storage: (stack, id, dependsOn) =>
    once(stack, id, () => new DataGoogleStorageProjectServiceAccount(stack, id, { dependsOn })).member,
  bigquery: (stack, id, dependsOn) =>
    once(stack, id, () => new DataGoogleBigqueryDefaultServiceAccount(stack, id, { dependsOn })).member,
  logging: (stack, id, dependsOn) => {
    const settings = once(
      stack,
      id,
      () =>
        new DataGoogleLoggingProjectCmekSettings(stack, id, { project: placeOf(stack).project, dependsOn }),
    );
    return `serviceAccount:${settings.serviceAccountId}`;
  },
  compute: (stack) => `serviceAccount:service-${projectNumber(stack)}@compute-system.iam.gserviceaccount.com`,
};

/** Where the e-mails of the agents that are made here end. */
const DOMAINS: { readonly [api: string]: string } = {
  aiplatform: 'gcp-sa-aiplatform',
  artifactregistry: 'gcp-sa-artifactregistry',
  container: 'container-engine-robot',
  dataplex: 'gcp-sa-dataplex',
  file: 'cloud-filer',
  notebooks: 'gcp-sa-notebooks',
  run: 'serverless-robot-prod',
  workflows: 'gcp-sa-workflows',
};

/** The number of a project in a command of a person. */
export const askNumber = (project: string) =>
  `$(gcloud projects describe ${project} --format='value(projectNumber)')`;

/** The e-mail of an agent that is made here, in a command of a person. */
export const agentEmail = (project: string, api: string) =>
  `service-${askNumber(project)}@${DOMAINS[api]}.iam.gserviceaccount.com`;

/**
 * What an agent may do in its project Google gives where the service itself made it. No stack does: who takes it back takes
 * it from everybody in the project.
 */
function agentNote(project: string, api: string): string {
  return `Makes the service agent of ${api}.googleapis.com. Where the project never used the service, Google gives an agent that is made so no role, and who administers the project does: gcloud projects add-iam-policy-binding ${project} --role=roles/${api}.serviceAgent --member="serviceAccount:${agentEmail(project, api)}" --condition=None`;
}

/**
 * The service agent of an API in the project of a construct's stack, as members are written. It is made where it is not
 * there yet: IAM refuses members that do not exist.
 *
 * @param api its short name: `storage`, `dataplex`
 */
export function serviceAgent(construct: IConstruct, api: string): string {
  const stack = TerraformStack.of(construct);
  const id = `MlAgent-${api}`;
  const dependsOn = apis(stack, api);
  if (KNOWN[api]) {
    return KNOWN[api](stack, id, dependsOn);
  }
  // Only this provider makes service agents.
  const provider = betaProvider(stack);
  return once(stack, id, () => {
    report(stack, 'note', 'Provider google-beta', agentNote(placeOf(stack).project, api));
    return new GenericResource(stack, id, {
      type: 'google_project_service_identity',
      form: BETA,
      provider,
      arguments: { service: `${api}.googleapis.com`, project: placeOf(stack).project },
      dependsOn,
    });
  }).getStringAttribute('member');
}
