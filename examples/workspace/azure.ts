import { App, TerraformOutput } from 'cdktf';
import { azure } from 'cloud-ml-constructs';
import { team } from './platform';

const app = new App();
const stack = new azure.PlatformStack(app, 'notebooks', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});
const { notebooks } = team(azure, stack, [
  { name: 'ada', principalId: '00000000-0000-0000-0000-00000000ada0' },
  { name: 'grace', principalId: '00000000-0000-0000-0000-0000000face0' },
]);
notebooks.userNames.forEach((user) => {
  new TerraformOutput(stack, `Open-${user}`, { value: notebooks.openCommand(user) });
});

app.synth();
