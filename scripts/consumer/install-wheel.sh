#!/usr/bin/env bash
# Installs the wheel of dist/python in .venv-consumer as the README says, with each cloud's extra. The SDKs are those that
# the tests run against. Needs python3 with venv and pip; PYTHON=… names another one.
set -euo pipefail
here="$(cd "$(dirname "$0")/python" && pwd)"
root="$(cd "$here/../../.." && pwd)"
venv="$root/.venv-consumer"
wheel="$(ls "$root"/dist/python/*.whl)"
version_of() { node -p "require('$root/package.json').devDependencies['$1']"; }

# Bytecode of what nobody imports costs most of the time of an installation.
install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@"; }

pins="aws-cdk-lib==$(version_of aws-cdk-lib) cdktf==$(version_of cdktf) $(grep -v '^#' "$here/requirements.txt")"
if [ "$(cat "$venv/pins" 2>/dev/null || true)" != "$pins" ]; then
  "${PYTHON:-python3}" -m venv --clear "$venv"
  tr ' ' '\n' <<<"$pins" >"$venv/constraints.txt"
  commands="$(grep -oE '^pip install "cloud-ml-constructs\[[a-z]+\]"' "$root/README.md")"
  for extra in $(grep -oE '\[[a-z]+\]' <<<"$commands"); do
    install --constraint "$venv/constraints.txt" "$wheel$extra"
  done
  install --requirement "$here/requirements.txt"
  echo "$pins" >"$venv/pins"
fi
# The wheel of today: its version never changes between releases.
install --force-reinstall --no-deps "$wheel"
