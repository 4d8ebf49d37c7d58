import os

from cdktf import App, TerraformOutput
from cloud_ml_constructs import azure

from ml_platform import commands_of_foundation, commands_of_serving, foundation, serving

app = App()
subscription_id = os.environ.get("ARM_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000000")
location = "westeurope"

first = azure.PlatformStack(app, "foundation", subscription_id=subscription_id, location=location)
made = foundation(azure, first)

second = azure.PlatformStack(app, "serving", subscription_id=subscription_id, location=location)
served = serving(azure, second, made)

# The commands that follow a deployment, where the deployment prints them.
for name, value in commands_of_foundation(made).items():
    TerraformOutput(first, name, value=value)
for name, value in commands_of_serving(served).items():
    TerraformOutput(second, name, value=value)

app.synth()
