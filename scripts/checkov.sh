#!/usr/bin/env bash
# Scans with checkov what test/security synthesizes: all examples and the stacks of the contract, on every cloud. Fails on
# findings that have no reason, in scripts/checkov/<cloud>.json or on AWS in the template, and on reasons for what is no
# finding any more.
# Needs python3 with venv and pip; the scanner goes to .venv-checkov. PYTHON=… names another Python. Where it cannot be
# installed, the exit code is 77. Nothing is sent anywhere.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
venv="$root/.venv-checkov"
requirements="$root/scripts/checkov/requirements.txt"
stacks="$root/coverage/synthesized"

for cloud in aws google azure; do
  [ -d "$stacks/$cloud" ] || { echo "nothing to scan for $cloud: run npx jest test/security"; exit 1; }
done

if ! cmp -s "$requirements" "$venv/requirements.txt"; then
  { "${PYTHON:-python3}" -m venv --clear "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile -r "$requirements" &&
    cp "$requirements" "$venv/requirements.txt"; } ||
    { echo 'checkov was not run: its virtual environment cannot be made here'; exit 77; }
fi

report="$(mktemp)"
trap 'rm -f "$report"' EXIT
cd "$stacks"
# Findings are no failure of the scan: the judge decides.
"$venv/bin/checkov" --directory . --framework terraform_json cloudformation --skip-download --compact --soft-fail \
  --output json >"$report"
cd "$root"
npx ts-node --transpile-only --project test/tsconfig.json scripts/checkov/judge.ts "$report" "$stacks"
