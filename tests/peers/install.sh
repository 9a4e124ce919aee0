#!/bin/sh
# Install the peers into a folder, with a bin/node that is new enough for them (20 or newer), and
# link them here, where the scripts beside this file look for what they import.
# usage: install.sh FOLDER
set -eu
here=$(dirname "$0")
command -v npm >/dev/null || {
  echo "The peers need Node.js and npm: apt-get install nodejs npm" >&2
  exit 1
}
mkdir -p "$1/bin"
cp "$here/package.json" "$1/package.json"
quiet="--no-save --no-package-lock --no-audit --no-fund --loglevel=error"
# shellcheck disable=SC2086
if node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null; then
  npm install --prefix "$1" $quiet --ignore-scripts >/dev/null
  ln -sf "$(command -v node)" "$1/bin/node"
else
  npm install --prefix "$1" $quiet node@22.23.3 >/dev/null
  ln -sf ../node_modules/node/bin/node "$1/bin/node"
fi
"$1/bin/node" --version >/dev/null
ln -sfn "$(cd "$1" && pwd)/node_modules" "$here/node_modules"
