import { App, TerraformOutput } from 'cdktf';
import { google } from 'cloud-ml-constructs';
import { team } from './platform';

const app = new App();
const stack = new google.PlatformStack(app, 'notebooks', {
  project: process.env.GOOGLE_PROJECT ?? 'your-project',
  region: 'europe-west4',
});
const { notebooks } = team(google, stack, [
  { name: 'ada', principalId: 'ada@example.com' },
  { name: 'grace', principalId: 'grace@example.com' },
]);
notebooks.userNames.forEach((user) => {
  new TerraformOutput(stack, `Open-${user}`, { value: notebooks.openCommand(user) });
});

app.synth();
