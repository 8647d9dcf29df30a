# make run    install what running needs and start Rollcall on this machine
# make test   install the rest and run the whole test suite
# make lint   style, types, layers, migrations
# make lock   pin the dependencies anew (needs uv)
#
# PYTHON chooses the interpreter, ARGS adds options: make run ARGS="--port 9000"; make test ARGS="-k stop"

CANDIDATES = python3 python3.13 python3.12 python3.11 python3.14
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --no-deps
UV_COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: run test lint lock install install-test venv
.NOTPARALLEL:

run: install
	@exec $(BIN)/rollcall up $(ARGS)

test: install-test
	@exec $(BIN)/python -m pytest -n auto $(ARGS)

lint: install-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m registry.i18n.checking
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
		env -u DATABASE_URL ROLLCALL_HOME="$$home" $(BIN)/rollcall migrate --check

lock:
	$(UV_COMPILE) pyproject.toml --output-file requirements.lock
	$(UV_COMPILE) pyproject.toml --group test --output-file requirements-test.lock

# A copy of the lock inside .venv tells what is installed. The test lock holds all of the other, in the same versions.
install: venv
	@cmp -s requirements.lock .venv/installed.lock || { \
		echo "Installing the dependencies into .venv …" && rm -f .venv/installed.lock && \
		$(PIP) --requirement requirements.lock && cp requirements.lock .venv/installed.lock; }

install-test: install
	@cmp -s requirements-test.lock .venv/installed-test.lock || { \
		echo "Installing the test tools into .venv …" && rm -f .venv/installed-test.lock && \
		$(PIP) --requirement requirements-test.lock && cp requirements-test.lock .venv/installed-test.lock; }

# The project runs from where it lies: a path file and a launcher need neither a build tool nor the network.
venv:
	@$(BIN)/python -c 'import pip; $(NEW_ENOUGH)' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "Rollcall needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }; \
		$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "Rollcall needs Python 3.11 or newer, and $(PYTHON) is not." >&2; exit 1; }; \
		$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks the module venv: install it (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }; \
		$(PYTHON) -m venv --clear .venv; }
	@$(BIN)/python -c "import pathlib, site; pathlib.Path(site.getsitepackages()[0], 'rollcall.pth').write_text('$(CURDIR)')"
	@printf '#!/bin/sh\nexec "%s/.venv/bin/python" -P -m config.cli "$$@"\n' '$(CURDIR)' > $(BIN)/rollcall
	@chmod +x $(BIN)/rollcall
