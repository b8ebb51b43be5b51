# Every target sets up what it needs in .venv, with the python3 that is there.
PYTHON ?= python3
BIN := .venv/bin
DEV := .venv/.dev

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint format bench bench-10m peers causes screenshots soak lock clean

help:  ## Show the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: .venv/.runtime  ## Open the explorer on an invented shop with a running incident
	@$(BIN)/apigw-tui --demo

test: $(DEV)  ## Run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

coverage: $(DEV)  ## Run the tests and print which lines none of them reaches
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report=term-missing:skip-covered

lint: $(DEV)  ## Style, types and the arrows between the packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(DEV)  ## Format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(DEV)  ## Print ratios against lnav (where installed), bare Polars and an empty application
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.start
	$(BIN)/python -m tests.bench.keys
	$(BIN)/python -m tests.bench.typed
	$(BIN)/python -m tests.bench.backfill
	$(BIN)/python -m tests.bench.followers
	$(BIN)/python -m tests.bench.scale

bench-10m: $(DEV)  ## Print what ten million events cost the explorer, beside the peers that are installed (4 GB of disk)
	$(BIN)/python -m tests.bench.scale 10000000

peers: $(DEV)  ## Let other people's clients, where installed, read from the embedded endpoint
	$(BIN)/python -m tests.bench.clients

causes: $(DEV)  ## Print which cause is found for each labelled request, and every miss
	$(BIN)/python -m tests.bench.causes

soak: $(DEV)  ## The long fuzz runs, the whole fault matrix and 24 virtual hours
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -k property
	$(BIN)/python -m pytest -m soak

screenshots: $(DEV)  ## Make screenshots/ from the demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/screenshots.txt
	$(BIN)/python screenshots/make.py

lock:  ## Pin the dependencies again (needs uv)
	uv pip compile --universal --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make lock' pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make lock' pyproject.toml --group dev -o requirements/dev.txt
	uv pip compile --universal --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make lock' --group screenshots -o requirements/screenshots.txt

clean:  ## Remove what the targets made
	rm -rf .venv .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "apigw-tui needs Python 3.11 or newer: make PYTHON=python3.12 demo")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python3 cannot make a virtual environment: install python3-venv"; exit 1; }

.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DEV): requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.runtime
