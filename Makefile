# Everything works on a fresh machine with python3 (3.11 or newer) and make:
#   make demo    run notebooks/quickstart.ipynb against the demo vault, in this terminal
#   make lab     open the same notebook in JupyterLab
#   make test    linters, types, layers, and every test that needs nothing but this environment,
#                in about five minutes on two cores   (make check is the same)
#   make test-all   the same, and the tests that need a browser, Node, PostgreSQL, installs or
#                   older kernels; 1,000 examples for each property
#   make lint    only linters, types, layers and spelling, in Python and JavaScript
#   make leaks   every route a secret could take out of a kernel, as a table
#   make matrix  the masked form on every kernel, in every front end
#   make bench   the side-by-side figures beside their goals, in about half an hour
#   make docs    the documentation site, in build/docs
#   make pictures  the pictures of README and site, taken anew in a real JupyterLab
#   make release-check  what can be known of a release before its tag
#   make tables  every kind of account, and every fault with its message, as they really are
#   make clean   remove what these made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

NOTEBOOK := notebooks/quickstart.ipynb
INTEROP  := tests/interop
SCRIPTS  := javascript

# The tests of a file run in one process: they share its servers and kernels. Most of the time a
# test waits for a kernel or a server, so four processes keep two cores busy; where no test has a
# browser, six do.
BY_FILE  := --dist loadfile --no-loadscope-reorder
PARALLEL := -n 4 $(BY_FILE)
FULL     := --hypothesis-profile full

# Four processes compile the same modules when nobody caches them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo lab test test-rest test-all check checked compiled fast beside lint matrix leaks bench rbw docs pictures \
	release-check tables clean bw lint-types lint-style lint-rules lint-scripts test-scripts english
.DELETE_ON_ERROR:

demo: $(STAMPS)/notebook
	@echo "Running $(NOTEBOOK) against a demo vault; nothing in it is real."
	@$(BIN)/python notebooks/show.py $(NOTEBOOK)

lab: $(STAMPS)/notebook
	$(BIN)/jupyter lab $(NOTEBOOK)

# For example make test PYTEST="tests/crypto -k kdf".
test: $(STAMPS)/dev
	@$(MAKE) --no-print-directory --jobs 3 fast beside

fast: compiled
	$(BIN)/python -m pytest -n 6 $(BY_FILE) --part fast $(PYTEST)

# The linters run beside the tests, so that both cores are busy to the end. Each shows its lines in
# one block, where make can do that. The tests hold the rules; some of the tests may not.
beside: $(STAMPS)/dev
	@$(MAKE) --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		lint-types lint-style test-scripts $(if $(PYTEST),lint-rules)

# What make test leaves out.
test-rest: $(STAMPS)/dev bw
	$(BIN)/python -m pytest $(PARALLEL) $(FULL) --part rest $(PYTEST)

test-all: checked bw
	$(BIN)/python -m pytest $(PARALLEL) $(FULL) $(PYTEST)

check: test

# Two at a time: the linters of test take half as long.
checked: $(STAMPS)/dev
	@$(MAKE) --no-print-directory --jobs 2 lint test-scripts compiled

# Compiles all tests once, while mypy is busy: else each process of a fresh clone would do that.
compiled: $(STAMPS)/dev
	@$(BIN)/python -m pytest -qq --collect-only --part fast >/dev/null

lint: lint-types lint-style lint-rules lint-scripts

lint-types: $(STAMPS)/dev
	$(BIN)/mypy

lint-style: $(STAMPS)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/zizmor --offline --quiet .github

lint-rules: $(STAMPS)/dev
	$(BIN)/python -m pytest -q tests/packaging/test_imports.py tests/packaging/test_english.py

# Lowers the counts of stilted phrases to what is left of them; a count never rises again.
english: $(STAMPS)/dev
	$(BIN)/python -m tests.packaging.english

leaks: $(STAMPS)/dev
	@echo "Trying every route of a secret, in kernels and front ends: some minutes, then a table."
	$(BIN)/python -m tests.leaks

# Makes the kernels' environments in build/kernels the first time.
matrix: $(STAMPS)/dev
	@echo "Trying the masked form on every kernel: some minutes, a line for each."
	$(BIN)/python -m tests.browser.matrix $(KERNELS)

# For example make bench BENCH="--quick", BENCH="--only cold --sizes 1000", or
# BENCH="--only earlier --against v0.1.0" for another commit in turns with this one.
bench: $(STAMPS)/bench bw rbw
	@echo "Measuring, and printing all figures at the end: about half an hour."
	$(BIN)/python -m benchmarks $(BENCH)

# Another native client to measure against, built once into the user's cache folder.
rbw: $(STAMPS)/bench
	@place=$$($(BIN)/python -c 'from benchmarks import rbw; print(rbw.folder())'); \
	version=$$($(BIN)/python -c 'from benchmarks import rbw; print(rbw.VERSION)'); \
	if [ -x "$$place/bin/rbw" ]; then exit 0; fi; \
	if ! command -v cargo >/dev/null; then echo "Skipped: rbw. cargo is missing."; exit 0; fi; \
	echo "Building rbw $$version, the first time only: some minutes."; \
	cargo install --quiet --locked --root "$$place" --version "$$version" rbw || \
		echo "Skipped: rbw. It could not be built."

# Every page's cells run, on the demo vault; a warning is an error.
docs: $(STAMPS)/docs
	@echo "Running the cells of every page and building the site: some minutes."
	$(BIN)/python -m sphinx --builder html --jobs 2 --fail-on-warning --keep-going --quiet docs build/docs
	@echo "Open build/docs/index.html."

# The pictures of README and site, from a real JupyterLab.
pictures: $(STAMPS)/dev
	@echo "Taking the pictures in a real JupyterLab: some minutes."
	$(BIN)/python -m tests.browser.pictures

# Two builds, the wheel's contents, and its use with the lowest and the newest dependencies.
release-check: $(STAMPS)/dev
	@echo "Building twice and trying the wheel: some minutes, a line for each check."
	$(BIN)/python -m tests.packaging.release

tables: $(STAMPS)/dev
	@echo "Trying every kind of account and every fault: about a minute, then the tables."
	$(BIN)/python -m tests.tables

clean:
	rm -rf $(VENV) build dist $(INTEROP)/node_modules $(SCRIPTS)/node_modules benchmarks/results tests/artifacts
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=..." >&2; exit 1; }
	@echo "Making a Python environment in $(VENV), the first time only."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/notebook: pyproject.toml $(STAMPS)/python
	@echo "Installing bw_magics, its demo vault and JupyterLab into $(VENV): about a minute."
	@$(PIP) install --editable '.[demo]' --group notebook
	@touch $@

$(STAMPS)/dev: pyproject.toml $(STAMPS)/python
	@echo "Installing bw_magics and what its tests need into $(VENV): some minutes."
	@$(PIP) install --editable '.[demo]' --group test --group lint
	@touch $@

$(STAMPS)/bench: pyproject.toml $(STAMPS)/python
	@echo "Installing bw_magics and what the figures need into $(VENV): about a minute."
	@$(PIP) install --editable '.[demo]' --group bench
	@touch $@

$(STAMPS)/docs: pyproject.toml $(STAMPS)/python
	@echo "Installing bw_magics and what the site is built with into $(VENV): about a minute."
	@$(PIP) install --editable '.[dask,demo,sql,ssh]' --group docs
	@touch $@

# $(call with_node,FOLDER,WHAT,COMMAND) installs the packages of FOLDER and runs COMMAND there.
# Where Node is missing, one line names WHAT is skipped; with BW_MAGICS_REQUIRE that is a failure.
define with_node
@skip() { echo "Skipped: $(2). $$1"; [ -z "$$BW_MAGICS_REQUIRE" ]; }; \
cd $(1) || exit; \
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then \
	skip "Node and npm are missing."; \
elif ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then \
	skip "Node 20 or newer is needed."; \
elif [ ! node_modules/.package-lock.json -nt package-lock.json ] && \
	echo "Installing the packages of $(1): about a minute." && \
	! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; then \
	skip "npm ci failed."; \
else \
	$(3); \
fi
endef

# The panels' scripts, and the workflows in .github.
lint-scripts:
	$(call with_node,$(SCRIPTS),what checks the JavaScript,npm run --silent lint)

test-scripts: lint-scripts
	$(call with_node,$(SCRIPTS),the tests of the JavaScript,npm run --silent test)

# The official CLI is a witness in the tests. Without Node the other tests run.
bw:
	$(call with_node,$(INTEROP),what needs the bw CLI,true)
