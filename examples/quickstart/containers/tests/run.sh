#!/bin/sh
# Runs the tests of the containers' programs in .venv-containers at the root of the repository.
#
#   run.sh [--install] [pytest's arguments]
#
# PyTorch comes from the system, because PyPI's build for Linux brings gigabytes of CUDA: --install may get Debian's or Ubuntu's
# python3-torch with apt-get. PYTHON=… names another Python that has PyTorch 1.13 or later. Exits with 77 where there is none.
set -eu

tests=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$tests/../../../.." && pwd)
venv=$root/.venv-containers

install=false
if [ "${1-}" = --install ]; then
  install=true
  shift
fi

usable() {
  "$1" - 2>/dev/null <<'PYTHON'
import ensurepip, re, sys, torch, torch.distributed
version = tuple(map(int, re.findall(r"\d+", torch.__version__)[:2]))
sys.exit(not (sys.version_info >= (3, 9) and version >= (1, 13) and torch.distributed.is_available()))
PYTHON
}

find_python() {
  for candidate in ${PYTHON:-/usr/bin/python3 python3}; do
    if usable "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

apt_get() {
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >&2
}

if ! usable "$venv/bin/python"; then
  if ! python=$(find_python); then
    if $install && command -v apt-get >/dev/null; then
      apt_get update
      apt_get install -y --no-install-recommends python3-torch python3-venv
    fi
    if ! python=$(find_python); then
      echo "skipped: no Python 3.9 with venv and PyTorch 1.13, or later; on Debian or Ubuntu run $0 --install, elsewhere set PYTHON" >&2
      exit 77
    fi
  fi
  "$python" -m venv --clear --system-site-packages "$venv"
  echo '*' >"$venv/.gitignore"
  # Where PYTHON belongs to a virtual environment itself, that one's packages are not among the system's.
  "$python" -c 'import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))' >"$(echo "$venv"/lib/python3*/site-packages)/torch.pth"
fi

wanted=$(cat "$tests/requirements.txt" "$tests/../serve/requirements.txt" "$tests/../embed/requirements.txt" | cksum)
if [ "$(cat "$venv/installed" 2>/dev/null || true)" != "$wanted" ]; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$tests/requirements.txt"
  echo "$wanted" >"$venv/installed"
fi

cd "$tests"
PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" -m pytest -q -p no:cacheprovider "$@"
