# The only interface a developer needs. Nothing has to be installed first but make, Python and (for the sandbox) Go.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_HOME := $(CURDIR)/.uv
UV := $(or $(shell command -v uv),$(UV_HOME)/bin/uv)
BIN := $(CURDIR)/.venv/bin
CARGO := CARGO_TARGET_DIR=$${CARGO_TARGET_DIR:-$${XDG_CACHE_HOME:-$$HOME/.cache}/holdfast/engine-target} cargo
ARM := aarch64-unknown-linux-gnu
KEEP ?=
WORKERS := -n auto --maxprocesses 4 --dist loadfile
export PATH := $(BIN):$(PATH)

.PHONY: help demo test test-fast check check-engine bench bench-engine bench-objects lock clean tools engine

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(UV_HOME)/bin/uv:
	python3 -m venv $(UV_HOME)
	$(UV_HOME)/bin/pip install --quiet --disable-pip-version-check uv

.venv/.synced: requirements.txt pyproject.toml sandbox/pyproject.toml | $(UV)
	$(UV) venv --quiet --allow-existing .venv
	$(UV) pip sync --quiet requirements.txt
	$(UV) pip install --quiet --no-deps --editable . --editable sandbox
	@touch $@

tools: .venv/.synced ## build the sandbox's Kubernetes once (cached)
	PATH="$$PATH:$(dir $(UV))" holdfast-sandbox build

engine: .venv/.synced ## build the Rust engine once (cached) and install it
	UV=$(UV) engine/build.sh

demo: tools ## a real cluster, a disaster, a restore (KEEP=1 leaves it running)
	PYTHONPATH=tests python -m demo $(if $(KEEP),--keep)

test: tools engine ## everything, on a real API server
	PATH="$$PATH:$(dir $(UV))" holdfast-sandbox build --peers
	cd engine && $(CARGO) test --quiet --release --locked --workspace --lib --tests --exclude holdfast-python
	pytest $(WORKERS)

test-fast: engine ## what needs no cluster
	pytest $(WORKERS) tests/unit engine/tests/api

check: .venv/.synced check-engine ## lint, types, layers
	ruff check .
	ruff format --check .
	mypy
	lint-imports

check-engine: engine
	cd engine && $(CARGO) fmt --check
	cd engine && $(CARGO) clippy --quiet --release --locked --workspace --all-targets -- -D warnings
	@if rustup target add $(ARM) 2>/dev/null; then cd engine && \
	  $(CARGO) check --quiet --locked --target $(ARM) -p holdfast-kernels; \
	else echo "not checked for $(ARM): needs rustup"; fi

bench: tools ## measure SnapshotGroups, and write their part of docs/benchmarks.md
	PYTHONPATH=tests python -m bench

bench-objects: tools engine ## measure backups and restores of objects beside the real Velero, and write their part
	PATH="$$PATH:$(dir $(UV))" holdfast-sandbox build --peers
	PYTHONPATH=tests python -m bench objects

bench-engine: engine ## measure the engine beside restic (and rustic), and write its part of docs/benchmarks.md
	PYTHONPATH=tests python -m bench.engine

lock: | $(UV) ## choose the newest versions of what pyproject.toml asks for
	$(UV) lock --upgrade --quiet
	$(UV) export --quiet --all-packages --no-emit-workspace --output-file requirements.txt

clean: ## remove what was made here (not the cached tools)
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
