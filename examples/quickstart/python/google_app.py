import os

from cdktf import App, TerraformOutput
from cloud_ml_constructs import google

from ml_platform import commands_of_foundation, commands_of_serving, foundation, serving

app = App()
project = os.environ.get("GOOGLE_PROJECT", "your-project")
region = "europe-west4"

first = google.PlatformStack(app, "foundation", project=project, region=region)
made = foundation(google, first)

second = google.PlatformStack(app, "serving", project=project, region=region)
served = serving(google, second, made)

# The commands that follow a deployment, where the deployment prints them.
for name, value in commands_of_foundation(made).items():
    TerraformOutput(first, name, value=value)
for name, value in commands_of_serving(served).items():
    TerraformOutput(second, name, value=value)

app.synth()
