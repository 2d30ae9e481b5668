# Everything a developer does here, by name. `make run` and `make test` need only python3 (3.11 or newer) with venv; they fetch the rest.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
UV_VERSION := 0.13.9
ARGS ?=
# One process of tests for each core, every file in one of them, in the order of tests/conftest.py; a broker that is given is emptied by each
# test, so only one may use it.
WORKERS ?= $(if $(TOGETHER_TEST_KAFKA),,--numprocesses auto --dist loadfile --no-loadscope-reorder)

export OMP_NUM_THREADS ?= 1

BIN := .venv/bin
UV := .tools/bin/uv
# Nothing that is installed already is removed: `make run` after `make test` keeps the tools for testing.
SYNC := $(UV) sync --quiet --frozen --inexact --no-python-downloads

UV_READY := .tools/.uv-$(UV_VERSION)
PYTHON_READY := .venv/pyvenv.cfg
RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test
ENCODER := models/text/encoder/manifest.json

.PHONY: help run test check fix storm bench year coverage clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: $(RUN_READY) $(ENCODER) ## Start the sample town and serve it (ARGS=--once ends by itself)
	$(BIN)/together demo $(ARGS)

# The tests start hundreds of processes, and each would compile everything again where the environment forbids to keep what was compiled.
test storm coverage: export PYTHONDONTWRITEBYTECODE :=

test: $(TEST_READY) $(ENCODER) ## Run the tests (ARGS="tests/unit -k place" runs some)
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

check: $(TEST_READY) ## Check format, lint, types, layers and published schemas; changes nothing
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.publish --check

fix: $(TEST_READY) ## Format, mend what ruff can mend, publish the schemas
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/python -m schemas.publish

storm: export STORM_ROUNDS ?= 200
storm: export STORM_REFERRALS ?= 50000
storm: export STORM_KILLS ?= 100
storm: $(TEST_READY) $(ENCODER) ## Kill processes, brokers and the database at random and count (STORM_ROUNDS, STORM_REFERRALS, STORM_KILLS)
	$(BIN)/python -m pytest tests/e2e -m storm -s --timeout 7200 $(ARGS)

bench: $(TEST_READY) $(ENCODER) ## Measure speed and match quality (fetches torch, some gigabytes, to compare with)
	$(SYNC) --extra distributed --extra learning --extra speed --group bench --group torch
	for program in $$(grep -l '__main__' benchmarks/*.py); do $(BIN)/python -m "benchmarks.$$(basename "$$program" .py)"; done

year: $(TEST_READY) $(ENCODER) ## Live a year of 2,000 people with faults, and count broken promises (ARGS="--seed 2")
	$(BIN)/python -m benchmarks.year $(ARGS)

coverage: $(TEST_READY) $(ENCODER) ## Run the tests and show the lines and branches they miss
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

clean: ## Remove what was installed, built and cached; data folders stay
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage* dist models/text/encoder
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV_READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Made from the Python that is here, so that uv does not choose another.
$(PYTHON_READY): | $(UV_READY)
	$(PYTHON) -m venv --without-pip .venv

$(RUN_READY): $(UV_READY) $(PYTHON_READY) pyproject.toml uv.lock
	$(SYNC) --no-default-groups --group encoder
	@touch $@

$(TEST_READY): $(UV_READY) $(PYTHON_READY) pyproject.toml uv.lock
	$(SYNC) --extra distributed --extra learning --extra speed --compile-bytecode
	@touch $@ $(RUN_READY)

$(ENCODER): models/text/build.py models/text/bert.py | $(RUN_READY)
	$(BIN)/python -m models.text.build
	@touch $@
