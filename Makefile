# Two commands: `make demo` shows what kip does, `make test` runs the whole suite. Each makes .venv when it is missing
# and needs nothing but make and Python >= 3.11. Name another interpreter with `make demo PYTHON=python3.12`.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python, \
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
KIP := $(VENV)/bin/kip
OUTPUT := build/linkoping
WORKERS ?= 2
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test docs benchmark clean

help:
	@echo "make demo   solve Linkoping's transport plan; tables and pictures in $(OUTPUT)/"
	@echo "make test   run the whole test suite"
	@echo "make docs   write the generated pages of docs/ again from the code"
	@echo "make clean  remove .venv and build/"

demo: $(VENV)/.installed
	$(KIP) optimize scenarios/linkoping-transport --gap 0.001 --output $(OUTPUT)
	@echo
	@echo "Tables and pictures are in $(OUTPUT)/:"
	@ls $(OUTPUT)

test: $(VENV)/.installed-dev
	$(VENV)/bin/python -m pytest -n $(WORKERS) $(TESTS)

docs: $(VENV)/.installed-dev
	$(VENV)/bin/python docs/reference/generate.py
	$(VENV)/bin/python docs/explanation/generate_formulation.py

benchmark: $(VENV)/.installed-dev
	$(VENV)/bin/python -m tests.benchmarks.optimize
	$(VENV)/bin/python -m tests.benchmarks.scaling
	$(VENV)/bin/python -m tests.benchmarks.funding
	$(VENV)/bin/python -m tests.benchmarks.frontier
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[benchmark]"
	$(VENV)/bin/python -m tests.benchmarks.sweep
	$(VENV)/bin/python -m tests.benchmarks.sweep_store

clean:
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
ifeq ($(strip $(PYTHON)),)
	@echo "kip needs Python 3.11 or later and found none. Install one (https://www.python.org/downloads/)," >&2
	@echo "then run: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3" >&2
	@exit 1
else
	@echo "Making $(VENV) with $(PYTHON) and installing kip into it; this takes about a minute, the first time only."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
endif

# stamps: installed once, and again when pyproject.toml changes; the code itself is used from here (editable)
$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/.installed
