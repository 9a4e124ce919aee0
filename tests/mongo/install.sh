#!/bin/sh
# Install mongoeco, the MongoDB server of the tests, into a virtual environment of its own: it needs
# Python 3.13 or newer. Without one nothing is installed, and the tests that need it are skipped.
# usage: install.sh FOLDER [UV]
set -eu
list=requirements/mongo.txt
uv=${2:-}

works() { # works PYTHON: whether it is new enough and can make environments
  "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 13))' 2>/dev/null
}

find_python() {
  for each in python3.13 python3.14 python3.15 python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python3; do
    if works "$each"; then
      echo "$each"
      return
    fi
  done
  [ ! -x "$uv" ] || "$uv" python find --no-python-downloads '>=3.13' 2>/dev/null || true
}

python=$(find_python)
if [ -z "$python" ]; then
  echo "No Python 3.13 is here: the tests of tests/mongo need one, or MONGODB_URI; they are skipped." >&2
  exit 0
fi
"$python" -m venv --clear "$1"
if [ -n "${PIP:-}" ] || [ ! -x "$uv" ] || ! "$uv" pip install -q --python "$1/bin/python" -r "$list"; then
  "$1/bin/python" -m pip install -q --disable-pip-version-check -r "$list"
fi
touch "$1/.ok"
