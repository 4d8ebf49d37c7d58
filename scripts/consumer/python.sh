#!/usr/bin/env bash
# Uses the wheel of dist/python as a stranger does, on every cloud. Arguments go to pytest.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
bash "$here/install-wheel.sh"
cd "$here/python"
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 PYTHONDONTWRITEBYTECODE=1
exec ../../../.venv-consumer/bin/python -m pytest -q -p no:cacheprovider "$@"
