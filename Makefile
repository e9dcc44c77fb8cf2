# The only interface a developer needs. Nothing has to be installed first but make, Python and (for the sandbox) Go.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_HOME := $(CURDIR)/.uv
UV := $(or $(shell command -v uv),$(UV_HOME)/bin/uv)
RUN := $(UV) run --frozen --all-packages
KEEP ?=
PYTEST := $(RUN) pytest

export UV_NO_PROGRESS ?= $(CI)

.PHONY: help demo test test-fast check bench clean tools

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(UV_HOME)/bin/uv:
	python3 -m venv $(UV_HOME)
	$(UV_HOME)/bin/pip install --quiet --disable-pip-version-check uv

.venv/.synced: uv.lock pyproject.toml sandbox/pyproject.toml | $(UV)
	$(UV) sync --frozen --all-packages --quiet
	@touch $@

tools: .venv/.synced ## build the sandbox's Kubernetes once (cached)
	$(RUN) holdfast-sandbox build

demo: tools ## a real cluster, a disaster, a restore (KEEP=1 leaves it running)
	$(RUN) python -m demo $(if $(KEEP),--keep)

test: tools ## everything, on a real API server
	$(PYTEST)

test-fast: .venv/.synced ## what needs no cluster
	$(PYTEST) tests/unit tests/contract

check: .venv/.synced ## lint, types, layers
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

bench: tools ## measure, and write docs/benchmarks.md
	$(RUN) python -m bench

clean: ## remove what was made here (not the cached tools)
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
