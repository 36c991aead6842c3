# Every target does its own set-up: nothing else has to be typed before it.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
WORKERS ?= 2
SEED ?=
ARGS ?=
SIZE ?= small
REDIS_URL ?= redis://127.0.0.1:6379/0

BIN := $(VENV)/bin
PY := $(BIN)/python
SANDBOX_READY := $(VENV)/.ready-sandbox
DEV_READY := $(VENV)/.ready-dev
DOCS_READY := $(VENV)/.ready-docs
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help sandbox assets test test-sqlite test-postgres test-redis browser coverage lint format types \
	imports migrations-check wheel bare hosts smoke docs bench check clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

sandbox: $(SANDBOX_READY) assets ## a demo shop with the CRM on 127.0.0.1:8000 (PORT=…)
	@$(PY) -m tools.run_sandbox --port $(PORT) --seed "$(SEED)"

assets: | $(PY) ## fetch the locked front-end libraries into the package
	@$(PY) -m tools.assets

test: test-sqlite test-postgres ## the suite on SQLite and on PostgreSQL (DATABASE_URL, else embedded)

test-sqlite: $(DEV_READY) assets
	@echo "== SQLite"
	env -u DATABASE_URL $(PYTEST) -n $(WORKERS) $(ARGS)

test-postgres: $(DEV_READY) assets
	@echo "== PostgreSQL"
	$(PY) -m tools.with_postgres $(PYTEST) -n $(WORKERS) $(ARGS)

test-redis: $(DEV_READY) assets ## the worker tests over Redis (REDIS_URL), on PostgreSQL
	REDIS_URL=$(REDIS_URL) $(PY) -m tools.with_postgres $(PYTEST) tests/test_worker.py $(ARGS)

browser: $(DEV_READY) assets ## the browser tests, on the system's Chromium
	env -u DATABASE_URL $(PYTEST) tests/browser -m browser -p no:randomly -n $(WORKERS) --every-button $(ARGS)

coverage: $(DEV_READY) assets ## which lines of the package the tests reach
	env -u DATABASE_URL $(PYTEST) -n $(WORKERS) --cov --cov-report=term-missing $(ARGS)

lint: $(DEV_READY) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV_READY) ## let ruff mend and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV_READY) ## mypy, strict
	$(BIN)/mypy

imports: $(DEV_READY) ## the import contract of setup.cfg
	$(BIN)/lint-imports

migrations-check: $(DEV_READY) ## no model change without its migration
	env -u DATABASE_URL $(PY) sandbox/manage.py makemigrations --check --dry-run oscar_crm

wheel: $(DEV_READY) assets ## build the wheel into dist/ and check it
	rm -rf build dist *.egg-info
	$(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PY) -m tools.check_wheel dist/*.whl

bare: wheel ## the wheel in a bare Oscar project: install, serve, take out again
	$(PY) -m tools.check_bare dist/*.whl

bench: $(DEV_READY) assets ## measure on PostgreSQL, as ratios (SIZE=small|medium|large)
	$(PY) -m tools.with_postgres $(PY) -m benchmarks --size $(SIZE)

hosts: $(DEV_READY) assets ## other people's shops: forks, custom users, several sites, an API
	$(PY) -m tests.hosts.run --workers $(WORKERS)

smoke: $(SANDBOX_READY) assets ## a fresh small sandbox answers, and answers again quickly
	$(PY) -m tools.check_sandbox

docs: $(DOCS_READY) ## the documentation as HTML in docs/_build/html; a warning is an error
	$(PY) -m sphinx --quiet --fresh-env --fail-on-warning --keep-going -b html docs docs/_build/html

check: lint types imports migrations-check ## everything static

clean: ## remove what the targets made, except the demo shop's data
	rm -rf $(VENV) build dist *.egg-info node_modules oscar_crm/static/oscar_crm/vendor htmlcov
	rm -rf docs/_build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(SANDBOX_READY): pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[sandbox,postgres]"
	@touch $@

$(DEV_READY): pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[sandbox,postgres,test,lint]"
	@touch $@ $(SANDBOX_READY)

$(DOCS_READY): pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	@touch $@
