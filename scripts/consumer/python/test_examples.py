"""Every example that the package shows to a reader of Python runs: the README's, and those in docstrings."""

import importlib
import importlib.metadata
import inspect
import re
import textwrap

import pytest


def readme():
    text = importlib.metadata.metadata("cloud-ml-constructs").get_payload()
    return {f"README {i}": code for i, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.S))}


def docstrings(module):
    found = {}
    for name, member in inspect.getmembers(importlib.import_module(f"cloud_ml_constructs.{module}"), inspect.isclass):
        _, begin, code = (inspect.getdoc(member) or "").partition("Example::\n")
        if begin:
            found[f"{module}.{name}"] = textwrap.dedent(code)
    return found


EXAMPLES = {
    **readme(),
    **{name: code for module in ("core", "aws", "google", "azure") for name, code in docstrings(module).items()},
}


def test_there_are_examples():
    assert len(EXAMPLES) >= 8 and "README 0" in EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[name], name, "exec"), {})
