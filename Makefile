# `make run` and `make test` are all a newcomer needs; each sets up what it uses, once.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# No package index is asked for by name here: pip uses the one it is set up with.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Tests of pure functions: no service, no browser, no model, no archive, no other process.
QUICK := $(addprefix tests/, \
	ingest/formats ingest/parts ingest/test_files.py ingest/test_passages.py \
	index/text index/understand index/order/test_near_days.py index/order/test_newness.py \
	index/find/test_fusion.py index/answer/test_cues.py index/answer/test_disagreement.py \
	newsdesk/wording newsdesk/test_errors.py newsdesk/test_settings.py newsdesk/test_types.py \
	eval/formulas/test_calibration.py eval/formulas/test_metrics.py eval/measure/test_measures.py \
	eval/report/test_markdown.py eval/report/test_plots.py eval/sets/test_folder.py eval/sets/test_squad.py \
	ui/test_export.py ui/test_render.py test_docs.py)

.PHONY: run setup test quick check format clean

run: setup
	@$(BIN)/newsdesk sample
	@$(BIN)/newsdesk serve

setup: $(VENV)/.installed

# The stamps make a second run quick: they are older than what they depend on only when something changed.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Newsdesk needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python cannot make an environment; on Debian: apt-get install python3-venv"; exit 3; }
	@echo "Installing (once; a few minutes)..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) --editable '.[dev]'
	@touch $@

# Hundreds of processes import Newsdesk and its tests: without bytecode on the disk each would compile them anew.
test: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.find_chromium
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

quick: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -q -n 2 $(QUICK)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_rooms.py

format: $(VENV)/.installed-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
