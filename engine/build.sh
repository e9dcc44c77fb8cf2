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

build() {
  need_rust
  mkdir -p "$CACHE/engine"
  # Two builds at a time would take the library from under each other.
  exec 9>"$CACHE/engine.lock"
  flock 9
  [ ! -d "$wheels" ] || return 0
  made=$(mktemp -d "$CACHE/engine/building-XXXXXX")
  # shellcheck disable=SC2064  (the name is gone when the trap runs)
  trap "rm -rf '$made'" EXIT
  ../.venv/bin/maturin build --quiet --release --locked --interpreter ../.venv/bin/python --out "$made"
  mv -T "$made" "$wheels" 2>/dev/null || [ -d "$wheels" ]
}

state=$(sources | xargs -0 sha256sum | sha256sum | cut -c1-16)
wheels=$CACHE/engine/$state
[ -d "$wheels" ] || build
if [ "$(cat "$STAMP" 2>/dev/null)" != "$state" ] || [ ../.venv/.synced -nt "$STAMP" ]; then
  "$UV" pip install --quiet --python ../.venv --no-deps --reinstall "$wheels"/*.whl
  echo "$state" > "$STAMP"
fi
