# `make run` starts the portal at http://127.0.0.1:8000, `make test` proves it. `make` alone lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

BARE_PYTHON ?= $(firstword $(shell command -v python3.11 python3))
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
TESTS ?=
BENCH ?=
JOBS ?= 2
LOCK := $(PYTHON) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links

.PHONY: help setup setup-dev run test faults lint types format bench bench-check lock clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | column -t -s '|'

setup: ## Virtual environment, packages by their hashes, front-end files; nothing when nothing changed
	@test -n "$(BARE_PYTHON)" || { echo "set-up: no Python 3.11: install the Debian package python3.11-venv" >&2; exit 1; }
	@$(BARE_PYTHON) scripts/set_up.py

setup-dev: ## The same, with what the tests need
	@test -n "$(BARE_PYTHON)" || { echo "set-up: no Python 3.11: install the Debian package python3.11-venv" >&2; exit 1; }
	@$(BARE_PYTHON) scripts/set_up.py --dev

run: setup ## The portal with its demonstration city (GUIYANG_PORT, GUIYANG_DATA_DIR)
	@echo "database ..." && $(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) createcachetable
	@echo "static files ..." && $(MANAGE) collectstatic --noinput --verbosity 0
	@echo "demonstration city ..." && $(MANAGE) load_demonstration
	@exec $(MANAGE) portal

test: setup-dev ## The whole suite (TESTS=tests/sharing for a part of it)
	@$(PYTHON) -m pytest -n $(JOBS) --dist loadgroup $(TESTS)

faults: setup-dev ## What happens when machines fail, at length (GUIYANG_FAULTS_TIMES; PostgreSQL and Redis as for the tests)
	@GUIYANG_FAULTS_TIMES=$${GUIYANG_FAULTS_TIMES:-5} $(PYTHON) -m pytest -n $(JOBS) --dist loadgroup -m faults tests/faults

lint: setup-dev ## Style of Python and templates, import rules
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint templates --lint --quiet
	.venv/bin/lint-imports

types: setup-dev ## Types
	$(PYTHON) -m mypy guiyang_data catalog sharing opendata requests_app oversight scripts bench

bench: setup-dev ## Figures beside peers (PostgreSQL and Redis must run; BENCH=todo_list for one of them)
	@test -x build/bench-peers/bin/python || { $(BARE_PYTHON) -m venv build/bench-peers && \
		build/bench-peers/bin/python -m pip install --quiet --requirement bench/peers/requirements.lock; }
	@$(PYTHON) -m bench $(BENCH) --json build/bench.json

bench-check: setup-dev ## That every program of bench/ runs and counts right, at a small size (some minutes; PostgreSQL and Redis must run)
	@$(PYTHON) -m pytest -m figures tests/bench

format: setup-dev ## Puts Python into shape
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: setup-dev ## Makes the hash locks again from pyproject.toml
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(LOCK) --output-file bench/peers/requirements.lock bench/peers/requirements.in

clean: ## Removes what set-up and tools made; the data folder stays
	rm -rf .venv build node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
