"""The wheel and the sdist hold what they should, and nothing else."""

import pathlib
import tarfile
import zipfile

from conftest import ROOT

DIST = ROOT / "dist" / "python"
MODULES = ["aws", "azure", "core", "google"]
(WHEEL,) = DIST.glob("*.whl")
(SDIST,) = DIST.glob("*.tar.gz")
VERSION = WHEEL.name.split("-")[1]
PACKAGE = {
    "__init__.py",
    "py.typed",
    "_jsii/__init__.py",
    f"_jsii/cloud-ml-constructs@{VERSION}.jsii.tgz",
    *(f"{module}/__init__.py" for module in MODULES),
}


def test_the_wheel_holds_the_modules_the_assembly_and_the_licences():
    with zipfile.ZipFile(WHEEL) as wheel:
        files = set(wheel.namelist())
        info = f"cloud_ml_constructs-{VERSION}.dist-info"
        assert files == {f"cloud_ml_constructs/{file}" for file in PACKAGE} | {
            f"{info}/{file}"
            for file in ["LICENSE", "THIRD-PARTY-NOTICES", "METADATA", "RECORD", "WHEEL", "top_level.txt"]
        }
        with wheel.open(f"cloud_ml_constructs/_jsii/cloud-ml-constructs@{VERSION}.jsii.tgz") as assembly:
            with tarfile.open(fileobj=assembly) as packed:
                names = {pathlib.PurePosixPath(*pathlib.PurePosixPath(name).parts[1:]) for name in packed.getnames()}
        described = wheel.read(f"{info}/METADATA").decode()
    assert WHEEL.stat().st_size < 5_000_000
    assert {str(name).split("/")[0] for name in names} >= {".jsii", "LICENSE", "THIRD-PARTY-NOTICES", "lib", "package.json"}
    assert not [name for name in names if name.suffixes[-2:] == [".d", ".ts"]]
    # Links that PyPI cannot follow, and code that is no Python.
    assert "](docs" not in described and "](examples" not in described
    assert "import {" not in described.split("```python")[1].split("```")[0]


def test_the_sdist_holds_what_the_wheel_is_made_of():
    with tarfile.open(SDIST) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert {f"src/cloud_ml_constructs/{file}" for file in PACKAGE} <= names
    assert {"LICENSE", "THIRD-PARTY-NOTICES", "README.md", "setup.py", "pyproject.toml"} <= names
    assert not [name for name in names if "test" in name or name.endswith(".ts")]
