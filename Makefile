# Two commands: `make demo` and `make test`. Each makes .venv on first use and installs
# again only when setup.cfg changed. Neither needs root or a system package.

PYTHON ?= python3
BIN := .venv/bin
COVERAGE := $(if $(CI),--cov --cov-report=term)

.PHONY: demo test test-all lint typecheck bench clean

demo: .venv/installed
	@$(BIN)/autograd-mini demo

test: .venv/tested
	@$(BIN)/python -m pytest -n 2 $(COVERAGE)

test-all: .venv/tested
	@$(BIN)/python -m pytest -n 2 -m "" $(COVERAGE)

lint: .venv/tested
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

typecheck: .venv/tested
	@$(BIN)/mypy -p autograd_mini -p viz

bench: .venv/benched
	@$(BIN)/python -m benchmarks eager

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/installed: setup.cfg | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/tested: setup.cfg | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@ .venv/installed

.venv/benched: setup.cfg | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[bench,jit]"
	@touch $@ .venv/installed

clean:
	rm -rf .venv build demo *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
