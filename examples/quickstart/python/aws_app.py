from aws_cdk import App, CfnOutput
from cloud_ml_constructs import aws

from ml_platform import commands_of_foundation, commands_of_serving, foundation, serving

app = App()

first = aws.PlatformStack(app, "foundation")
made = foundation(aws, first)

second = aws.PlatformStack(app, "serving")
served = serving(aws, second, made)

# The commands that follow a deployment, where the deployment prints them.
for name, value in commands_of_foundation(made).items():
    CfnOutput(first, name, value=value)
for name, value in commands_of_serving(served).items():
    CfnOutput(second, name, value=value)

app.synth()
