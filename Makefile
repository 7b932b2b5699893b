# run    build the demonstration tables: data/raw -> data/processed
# test   everything CI checks
# docs   build the site docs/_build from docs/; a broken link or a wrong name is an error
# pictures  make the pictures and the printed output in docs/ and the READMEs anew from the demonstration dump
# score  hold the product against the marked reports in ../shared, if that folder is there
# audit  ask whether a version of constraints.txt has a known vulnerability
# bench  measure; results are printed
# train  learn the weights of role, metric, whole and region anew from the marked reports
# fuzz   look for inputs that break something, MINUTES long; findings lie in .fuzz
# lint, format   check, or mend, the style

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHARED ?= ../shared
MINUTES ?= 20
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

export PIP_PROGRESS_BAR := off

.PHONY: run test docs pictures score audit bench train fuzz lint format clean
.DEFAULT_GOAL := run

# Each set of packages leaves a stamp, so that nothing is installed twice.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "zhanbao needs Python 3.11 or newer; say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.base: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.base
	$(PIP) --editable '.[bench]' || $(BIN)/python -m bench.install
	@touch $@

$(VENV)/.fuzz: $(VENV)/.test
	$(PIP) --editable '.[test,fuzz]'
	@touch $@

# exit status 3 says: finished, and some inputs were rejected; one file of data/raw is unreadable on purpose
run: $(VENV)/.base
	$(BIN)/zhanbao run data/raw -o data/processed || [ $$? -eq 3 ]

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint docs
	$(BIN)/python -m pytest --numprocesses auto

docs: $(VENV)/.test
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs auto docs docs/_build

pictures: $(VENV)/.test run
	$(BIN)/python docs/pictures.py data/processed docs/pictures

score: $(VENV)/.base
	$(BIN)/python tests/score.py $(SHARED)

audit: $(VENV)/.test
	$(BIN)/python tests/audit.py constraints.txt

bench: $(VENV)/.bench
	$(BIN)/python -m bench $(SHARED)

fuzz: $(VENV)/.fuzz
	cd tests && $(abspath $(BIN))/python -m fuzz --minutes $(MINUTES)

train: $(VENV)/.base
	$(BIN)/python -m bench.train $(SHARED)
	$(BIN)/python -m bench.train_regions $(SHARED)

clean:
	rm -rf $(VENV) docs/_build build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
