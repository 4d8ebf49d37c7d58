"""A program loads the SDK of its cloud alone, and is told what to install where it is missing."""

import importlib.metadata
import re
import subprocess
import sys

import pytest
from conftest import python

LOADED = """
import sys
from {sdk} import App
from cloud_ml_constructs import {cloud}, core
{cloud}.PlatformStack(App(), "s", **{place})
print([name for name in ("aws_cdk", "cdktf") if name in sys.modules])
"""


@pytest.mark.parametrize(
    "cloud, sdk, place",
    [
        ("aws", "aws_cdk", {}),
        ("google", "cdktf", {"project": "your-project", "region": "europe-west4"}),
        ("azure", "cdktf", {"subscription_id": "00000000-0000-0000-0000-000000000000", "location": "westeurope"}),
    ],
)
def test_no_other_sdk_is_loaded(cloud, sdk, place, tmp_path):
    program = LOADED.format(cloud=cloud, sdk=sdk, place=place)
    assert python(["-c", program], tmp_path).strip() == str([sdk])


@pytest.mark.parametrize("cloud, missing", [("aws", "aws-cdk-lib"), ("google", "cdktf"), ("azure", "cdktf")])
def test_a_missing_sdk_is_told_with_the_command(cloud, missing, tmp_path):
    module = missing.replace("aws-cdk-lib", "aws_cdk")
    program = f"import sys; sys.modules['{module}'] = None; import cloud_ml_constructs.{cloud}"
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert result.stderr.strip().endswith(
        f'cloud_ml_constructs.{cloud} needs {missing}: pip install "cloud-ml-constructs[{cloud}]"'
    )


def test_the_vocabulary_needs_no_sdk(tmp_path):
    program = "from cloud_ml_constructs import core; import sys; print(core.Capacity.spot().kind, 'cdktf' in sys.modules)"
    assert python(["-c", program], tmp_path).strip() == "CapacityKind.SPOT False"


def test_the_sdks_are_extras():
    assert {
        (re.match(r"[\w-]+", requirement)[0], requirement.partition("extra == ")[2].strip("'\""))
        for requirement in importlib.metadata.requires("cloud-ml-constructs")
    } == {
        ("constructs", ""),
        ("jsii", ""),
        ("publication", ""),
        ("aws-cdk-lib", "aws"),
        ("cdktf", "google"),
        ("cdktf", "azure"),
    }
