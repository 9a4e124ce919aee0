#!/bin/sh
# Resolve requirements/*.txt anew from pyproject.toml. The largest list first: the others agree with it.
# usage: pins.sh UV
set -eu
for group in check test demo docs mutants; do
  case $group in test) name=tests ;; *) name=$group ;; esac
  options=""
  [ $group = check ] || options="-c requirements/check.txt"
  # shellcheck disable=SC2086
  "$1" pip compile -q --upgrade --universal --python-version 3.11 --group "$name" $options \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
    -o "requirements/$group.txt" pyproject.toml
done
# The MongoDB server of the tests is no part of the others' environment, nor of their Python.
"$1" pip compile -q --upgrade --universal --python-version 3.13 --group pyproject.toml:mongo \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o requirements/mongo.txt
