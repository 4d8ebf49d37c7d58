"""The quickstart in Python synthesizes to what the quickstart in TypeScript does, to the last logical id."""

import json
import os
import subprocess

import pytest
from conftest import QUICKSTART, ROOT, python

STACKS = ["foundation", "serving"]


def outputs(cloud, folder):
    if cloud == "aws":
        return {stack: json.loads((folder / f"{stack}.template.json").read_text()) for stack in STACKS}
    files = ["cdk.tf.json", "report.json"]
    return {
        (stack, file): json.loads((folder / "stacks" / stack / file).read_text())
        for stack in STACKS
        for file in files
    }


@pytest.mark.parametrize("cloud", ["aws", "google", "azure"])
def test_is_the_same_program(cloud, tmp_path):
    folders = {language: tmp_path / language for language in ["python", "typescript"]}
    for folder in folders.values():
        folder.mkdir()
    variables = {
        language: {"CDK_OUTDIR": str(folder), "CDKTF_OUTDIR": str(folder)} for language, folder in folders.items()
    }
    python([f"{cloud}_app.py"], QUICKSTART / "python", **variables["python"])
    subprocess.run(
        ["node", "-r", "ts-node/register/transpile-only", f"{cloud}.ts"],
        cwd=QUICKSTART,
        env={**os.environ, **variables["typescript"]},
        check=True,
    )
    assert outputs(cloud, folders["python"]) == outputs(cloud, folders["typescript"])
    for stack in folders["python"].rglob("cdk.tf.json"):
        assert str(ROOT) not in stack.read_text()
