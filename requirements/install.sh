#!/bin/sh
# Install a pinned list and this project (editable) into a virtual environment: by uv, else by pip.
# usage: install.sh VENV LIST
set -eu
python="$1/bin/python"
uv="$1/bin/uv"
if [ -z "${PIP:-}" ] && [ -x "$uv" ] \
  && "$uv" pip install -q --python "$python" -r "$2" \
  && "$uv" pip install -q --python "$python" --no-deps --no-build-isolation -e .; then
  exit 0
fi
"$python" -m pip install -q --disable-pip-version-check -r "$2"
"$python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
