# Two commands: `make demo` and `make test`. Each makes .venv on first use and installs
# again only when setup.cfg or the parts in C changed. Neither needs root, a system package or a compiler.
# While working: `make quick`, the mathematical core in seconds.

PYTHON ?= python3
BIN := .venv/bin
COVERAGE := $(if $(CI),--cov --cov-report=term)
CORE := tests/primitives tests/engine tests/transforms tests/check tests/expression tests/program/passes
VERSION = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo missing)
TOO_OLD = missing 2.% 3.0 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10

COUNT ?= 1000000
SEED ?= 1

.PHONY: demo quick test test-all mutants fuzz verify approve lint lint-scripts typecheck bench docs figures clean

demo: .venv/installed
	@$(BIN)/autograd-mini demo

quick: .venv/tested
	@$(BIN)/python -m pytest -q -n 2 -m "not slow and not long" $(CORE)

test: .venv/tested
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(COVERAGE)

test-all: .venv/tested
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "" $(COVERAGE)
	@AUTOGRAD_MINI_CHECK=1 $(BIN)/python -m pytest -n 2

mutants: .venv/tested
	@$(BIN)/python -m tests.mutants known
	@$(BIN)/python -m tests.mutants

fuzz: .venv/tested
	@$(BIN)/python -m tests.support.fuzz $(COUNT) $(SEED)

verify: .venv/tested
	@$(BIN)/python -m tests.verify

approve: .venv/tested
	@$(BIN)/python -m tests.approve

lint: .venv/tested
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
ifneq ($(shell command -v npm),)
	@$(MAKE) --no-print-directory lint-scripts
else
	@echo "npm is not installed: the pages' scripts were not checked (eslint, tsc)"
endif

lint-scripts: node_modules/.package-lock.json
	@npm run --silent lint
	@npm run --silent types

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --silent
	@touch $@

typecheck: .venv/tested
	@$(BIN)/mypy -p autograd_mini -p viz

docs: .venv/documented
	@$(BIN)/mkdocs build --quiet
	@echo "the site is in build/site"

figures: .venv/documented
	@$(BIN)/python docs/figures.py

bench: .venv/benched
	@$(BIN)/python -m benchmarks eager

.venv/bin/python:
	$(if $(filter $(TOO_OLD),$(VERSION)),$(error Python 3.11 or later is needed, $(PYTHON) is $(VERSION): \
name a newer one, as in "make test PYTHON=python3.12"))
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

ENGINE := $(addprefix autograd_mini/engine/,_node.c _sweep.h rules.py)
IN_C := setup.py $(ENGINE) autograd_mini/program/watch/_identical.c

.venv/installed: setup.cfg $(IN_C) | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/tested: setup.cfg $(IN_C) | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@ .venv/installed

.venv/benched: setup.cfg $(IN_C) | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[bench,jit]"
	@touch $@ .venv/installed

.venv/documented: setup.cfg | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[docs,jit,plots,examples]"
	@touch $@ .venv/installed

clean:
	rm -rf .venv node_modules build demo *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
