#!/usr/bin/env bash
# The engine's wheel: built once for each state of its sources, kept in the user's cache, installed into .venv.
# UV names the uv to install with.
set -euo pipefail
cd "$(dirname "$0")"

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/holdfast
STAMP=../.venv/.engine
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/engine-target}

sources() {
  find Cargo.toml Cargo.lock pyproject.toml README.md crates python -type f ! -name '*.pyc' ! -name '*.so' -print0 |
    LC_ALL=C sort -z
}

need_rust() {
  local found
  found=$(rustc --version 2>/dev/null | cut -d' ' -f2) || true
  if [ -z "$found" ] || [ "$(printf '%s\n' 1.89 "$found" | sort -V | head -1)" != 1.89 ]; then
    echo "the engine needs Rust 1.89 or newer, and ${found:-none} is in PATH: install rustup, then 'rustup update stable'" >&2
    exit 1
  fi
}

state() {
  sources | xargs -0 sha256sum | sha256sum | cut -c1-16
}

# One build at a time: all clones share cargo's folder, and maturin takes the library from there.
build() {
  need_rust
  local made=$CACHE/engine/building
  rm -rf "$made"
  ../.venv/bin/maturin build --quiet --release --locked --interpreter ../.venv/bin/python --out "$made"
  if [ "$(state)" != "$state" ]; then
    echo "the engine's sources changed while they were built: run make again" >&2
    exit 1
  fi
  mv "$made" "$wheels"
  find "$CACHE/engine" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
}

mkdir -p "$CACHE/engine"
exec 9>"$CACHE/engine.lock"
flock 9
state=$(state)
wheels=$CACHE/engine/$state
[ -d "$wheels" ] || build
if [ "$(cat "$STAMP" 2>/dev/null)" != "$state" ] || [ ../.venv/.synced -nt "$STAMP" ]; then
  "$UV" pip install --quiet --python ../.venv --no-deps --reinstall "$wheels"/*.whl
  echo "$state" > "$STAMP"
fi
