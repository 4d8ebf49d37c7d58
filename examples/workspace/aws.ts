import { App, CfnOutput } from 'aws-cdk-lib';
import { aws } from 'cloud-ml-constructs';
import { team } from './platform';

const app = new App();
const stack = new aws.PlatformStack(app, 'notebooks');
const { notebooks } = team(aws, stack, [{ name: 'ada' }, { name: 'grace' }]);
notebooks.userNames.forEach((user) => {
  new CfnOutput(stack, `Open-${user}`, { value: notebooks.openCommand(user) });
});

app.synth();
