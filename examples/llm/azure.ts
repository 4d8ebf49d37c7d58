import { App, TerraformOutput } from 'cdktf';
import { azure } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();
const subscriptionId = process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000';
const place = { subscriptionId, location: 'westeurope' };
const vault = process.env.KEY_VAULT ?? 'your-vault';
const vaultGroup = process.env.KEY_VAULT_GROUP ?? 'your-group';

const first = new azure.PlatformStack(app, 'llm-foundation', place);
const registry = foundation(azure, first);

const second = new azure.PlatformStack(app, 'llm-serving', place);
const hubToken = azure.Secret.fromSecretId(second, 'HubToken', {
  secretId: `https://${vault}.vault.azure.net/secrets/hugging-face-token`,
  keyVaultId: `/subscriptions/${subscriptionId}/resourceGroups/${vaultGroup}/providers/Microsoft.KeyVault/vaults/${vault}`,
});
const tuning = {
  scaleBy: { requestsPerMinutePerInstance: 60 },
  // The longest.
  container: { requestTimeoutSeconds: 180 },
};
const served = serving(
  azure,
  second,
  registry,
  hubToken,
  { small: tuning, large: tuning },
  process.env.WEIGHTS_VERSION,
);

const commands = commandsOf(registry, served);
for (const [stack, outputs] of [
  [first, commands.foundation],
  [second, commands.serving],
] as const) {
  for (const [name, value] of Object.entries(outputs)) {
    new TerraformOutput(stack, name, { value });
  }
}

app.synth();
