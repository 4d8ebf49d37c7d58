"""What every test has: apps that write to folders of their own, and what they wrote."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
QUICKSTART = ROOT / "examples" / "quickstart"
PLACES = {
    "google": {"project": "your-project", "region": "europe-west4"},
    "azure": {"subscription_id": "00000000-0000-0000-0000-000000000000", "location": "westeurope"},
}


def python(program, cwd, **env):
    """Runs a program in a process of its own."""
    result = subprocess.run(
        [sys.executable, *program], cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def resources(template, type):
    """The properties of the resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == type
    }


@pytest.fixture
def aws_app(tmp_path):
    from aws_cdk import App

    # The rules of the framework cost seconds, and are not what is tested here.
    app = App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)

    def synthesize(stack):
        app.synth()
        return json.loads((tmp_path / f"{stack}.template.json").read_text())

    return app, synthesize


@pytest.fixture
def terraform_app(tmp_path):
    from cdktf import App

    app = App(outdir=str(tmp_path))

    def synthesize(stack):
        app.synth()
        return json.loads((tmp_path / "stacks" / stack / "cdk.tf.json").read_text())

    return app, synthesize
