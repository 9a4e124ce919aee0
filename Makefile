# Flask-Social for people who work on it. A fresh machine needs python3 and make; `make demo` and
# `make test` bring the rest into .venv, from the pinned lists in requirements/.

PYTHON ?= python3
PORT ?= 5000
SECONDS ?= 600
JOBS ?= 2
# What make check runs besides, and make attacks in part.
SLOW := attacks browser catalogue clients faults fuzz hostile mongo moving peers properties stores \
  tokens wheel datastore/test_peewee.py datastore/test_peewee_transactions.py \
  sandbox/test_catalogue.py sandbox/test_catalogue_strictness.py
# The tests of what decides who gets in, which have to cover it to the last branch.
COUNTED := $(addprefix tests/,flows protocols transport \
  $(patsubst %,test_%.py,api cli_keys config fresh_tokens outage outage_closely outage_mistakes \
  outage_pages removal seal sealed_session security_names short_columns straight_line \
  token_errors verify_and_reconnect visitors))
# One process more than CI has cores, since many tests wait for processes of their own.
PYTEST = $(RUN) -m pytest -q -n 3 --dist worksteal
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
PEERS := $(VENV)/peers
MONGO := $(VENV)/mongo
# PIP=1 does without uv.
INSTALL := sh requirements/install.sh $(VENV)

# Every start of Python in the tests, and there are hundreds, would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help env demo test check coverage attacks bench fuzz mutants lint types imports docs servers
.PHONY: peers mongo browser format pins clean

help:
	@echo "make demo     the example application on http://127.0.0.1:$(PORT) (PORT=... changes it)"
	@echo "make test     the tests of the library, on SQLite and PostgreSQL"
	@echo "make check    everything CI checks: style, types, layers, docs, tests with a browser and peers"
	@echo "make coverage what decides who gets in, to the last branch"
	@echo "make attacks  the attacks, the faults and the contract of stores alone, and the tables of how they ended"
	@echo "make fuzz     properties and fuzz targets for as long as SECONDS=... says"
	@echo "make mutants  does a test notice each change of the code that decides who gets in?"
	@echo "make bench    what every provider costs to configure, and finding a connection among a million"
	@echo "make docs     the documentation, in docs/_build/html"
	@echo "make env      .venv with all tools; make format, make pins, make clean"

env: $(VENV)/.check

demo: $(VENV)/.demo
	@PORT=$(PORT) $(RUN) examples/demo/serve.py

test: $(VENV)/.test
	@$(PYTEST) $(SLOW:%=--ignore=tests/%)

# pytest comes last, so that its closing line is what a reader sees.
check: lint types imports docs coverage browser servers peers mongo
	@$(PYTEST) --verdicts=check

# A run of its own, since coverage makes Python half as fast.
coverage: $(VENV)/.check
	@$(PYTEST) --cov --cov-report=term $(COUNTED)

attacks: $(VENV)/.check browser servers peers mongo
	@$(PYTEST) --verdicts=write

# A long look for what no test thought of; what it finds becomes a test.
fuzz: $(VENV)/.check
	@SOCIAL_FUZZ_SECONDS=$(SECONDS) $(RUN) -m pytest -q -n auto tests/fuzz

# What providers cost that are only configured, what an API costs with few connections and with
# many, as ratios; and 20,000 refreshes in a row.
bench: $(VENV)/.check
	@$(RUN) bench/providers.py
	@$(RUN) bench/connections.py
	@SOCIAL_REFRESHES=20000 $(RUN) -m pytest -q -n0 tests/tokens/test_memory_of_refreshes.py

lint: $(VENV)/.check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.check
	@$(BIN)/mypy

imports: $(VENV)/.check
	@$(BIN)/lint-imports

docs: $(VENV)/.docs
	@$(BIN)/sphinx-build -q -W --keep-going -b html -d docs/_build/doctrees docs docs/_build/html

browser:
	@command -v $${SOCIAL_TEST_CHROMIUM:-chromium} >/dev/null \
	  || { echo "The browser tests need Chromium: apt-get install chromium" >&2; exit 1; }

# Changes the code that decides who gets in, one place at a time, and runs its tests on each.
mutants: $(VENV)/.check $(VENV)/.mutants
	@$(RUN) tests/mutants/run.py $(JOBS)

servers:
	@for each in mariadbd redis-server; do command -v $$each >/dev/null || [ -x /usr/sbin/$$each ] \
	  || { echo "The tests of stores need $$each: apt-get install mariadb-server-core mariadb-client-core redis-server" >&2; exit 1; }; done

peers: $(PEERS)/.ok

mongo: $(MONGO)/.ok

format: $(VENV)/.check
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# What the lists in requirements/ pin, resolved anew. No registry's address gets into them.
pins: $(VENV)/.uv
	@sh requirements/pins.sh $(BIN)/uv

clean:
	rm -rf $(VENV) docs/_build docs/providers build dist .coverage htmlcov
	rm -rf tests/peers/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.python:
	@$(PYTHON) requirements/python.py $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.uv: requirements/uv.txt | $(VENV)/.python
	@$(RUN) -m pip install -q --disable-pip-version-check -r requirements/uv.txt \
	  || echo "uv cannot be had here; pip does its work" >&2
	@touch $@

$(VENV)/.demo $(VENV)/.test $(VENV)/.docs $(VENV)/.check $(VENV)/.mutants: $(VENV)/.%: requirements/%.txt pyproject.toml requirements/install.sh $(VENV)/.uv
	@$(INSTALL) requirements/$*.txt
	@touch $@

$(PEERS)/.ok: tests/peers/package.json tests/peers/install.sh | $(VENV)/.python
	@sh tests/peers/install.sh $(PEERS)
	@touch $@

# Without a Python 3.13 it says so and makes nothing.
$(MONGO)/.ok: requirements/mongo.txt tests/mongo/install.sh $(VENV)/.uv
	@sh tests/mongo/install.sh $(MONGO) $(BIN)/uv
