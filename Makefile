# Everything happens in .venv, which `dev` makes; every other target makes it first where it is missing.
PYTHON ?= python3
# One version of torch is pinned and goes first, so that no extra chooses another one. It may carry options of pip,
# such as an index that serves the CPU build where the default one brings gigabytes of CUDA packages:
#     make dev TORCH="torch==2.13.0 --index-url URL"
TORCH ?= torch==2.13.0

# Processes that share the checks and the tests.
JOBS ?= 2

BIN := .venv/bin
# pip refuses to install when what it finds in .venv is not an environment.
PIP := PIP_REQUIRE_VIRTUALENV=1 $(BIN)/python -m pip install -qq --disable-pip-version-check
INSTALLED := .venv/.installed
TYPING := build/typing/driftproof

.DEFAULT_GOAL := help
.PHONY: help dev check peers test test-full prove bench report coq coqc audit soak gpu clean lint typing

help:
	@echo "make dev        make .venv and install everything into it"
	@echo "make check      derive, prove, compile and check; print the table"
	@echo "make prove      search and replay all proofs"
	@echo "make coq        let Coq check them too (installs Debian's coq where it may)"
	@echo "make audit      say what torch.optim's classes compute, and what is wrong with them"
	@echo "make peers      install the optimizer packages of others and optax, and compare with them"
	@echo "make test       ruff, mypy --strict, and the tests"
	@echo "make test-full  the same, with the slow tests"
	@echo "make gpu        the tests that need a CUDA device"
	@echo "make bench      side-by-side benchmarks: ratios against other ways in one run"
	@echo "make clean      remove .venv and everything generated"
	@echo "make soak       checks and tests again, with fresh seeds"
	@echo "not built yet:  report"
	@echo "options:        PYTHON=python3.12   TORCH=torch==2.12.0"

# The environment is stale when pyproject.toml or a pin is newer, when another TORCH is asked for,
# or when the checkout has moved (an editable install holds its full path).
ifneq ($(shell cat .venv/.checkout 2>/dev/null),$(CURDIR))
.PHONY: $(INSTALLED)
endif
ifneq ($(origin TORCH),file)
ifneq ($(shell cat .venv/.torch 2>/dev/null),$(TORCH))
.PHONY: $(INSTALLED)
endif
endif

dev: $(INSTALLED) typing

$(INSTALLED): pyproject.toml Makefile
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "make: no $(PYTHON) on the path. Install Python 3.11 or newer, or name one: make dev PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: $(PYTHON) is `$(PYTHON) --version 2>&1`; driftproof needs 3.11 or newer. Name one: make dev PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
	    echo "make: $(PYTHON) cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
	    echo "      Install it (Debian and Ubuntu: apt install python3-venv) and run make again." >&2; exit 2; }
	@test -f .venv/pyvenv.cfg && $(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	    echo "making .venv"; "$(PYTHON)" -m venv --clear .venv; }
	@echo "installing $(TORCH)"
	@$(PIP) $(TORCH)
	@echo "installing driftproof with its extras"
	@$(PIP) -e ".[torch,check,report,dev]"
	@echo "$(CURDIR)" > .venv/.checkout
	@echo "$(TORCH)" > .venv/.torch
	@touch $@

# Type checkers see driftproof/ here, as links to the real files.
typing:
	@mkdir -p $(TYPING)
	@for f in __init__.py __main__.py py.typed; do ln -sfn ../../../checks/_root/$$f $(TYPING)/$$f; done
	@for d in theory impl checks; do ln -sfn ../../../$$d $(TYPING)/$$d; done

check: dev
	@$(BIN)/driftproof check -j $(JOBS)

# Every class of torch.optim that is a declared rule.
AUDITED := Adadelta Adafactor Adagrad Adam Adamax AdamW ASGD Muon NAdam RAdam RMSprop Rprop SGD

audit: dev
	@$(BIN)/driftproof audit $(AUDITED:%=torch.optim:%)

# Other people's packages come after torch, so that none of them chooses one.
peers: dev
	@$(PIP) -e ".[peers,optax]"
	@$(BIN)/driftproof check packages-equal-reference --tier full

lint: dev
	@$(BIN)/python -m ruff check --quiet
	@$(BIN)/python -m mypy --no-error-summary -p driftproof.theory -p driftproof.impl

test: lint
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow and not gpu"

test-full: lint
	@$(BIN)/python -m pytest -n $(JOBS) -m "not gpu"

# Fresh draws and fresh seeds: what the pinned ones never saw.
soak: dev
	@DRIFTPROOF_FRESH=1 $(BIN)/python -m pytest -m "not gpu"
	@seed=$$(date +%s); echo "seed $$seed"; $(BIN)/driftproof check --tier full --seed $$seed

gpu: dev
	@$(BIN)/python -m pytest tests -m gpu

bench: dev
	@$(BIN)/driftproof bench

prove: dev
	@$(BIN)/driftproof prove

# Coq comes from the distribution: where this is Debian or its kin, and we may install packages.
coqc:
	@command -v coqc >/dev/null || { test "`id -u`" = 0 && command -v apt-get >/dev/null && { echo "installing coq"; \
	    apt-get install -qq -y --no-install-recommends coq >/dev/null 2>&1 || { apt-get update -qq >/dev/null 2>&1 && \
	    apt-get install -qq -y --no-install-recommends coq >/dev/null 2>&1; }; }; } || { \
	    echo "Coq: not run. There is no coqc, and it cannot be installed from here." >&2; \
	    echo "     Install Coq 8.16 or newer (Debian, Ubuntu: apt install coq), and run make coq again." >&2; exit 4; }

coq: dev coqc
	@$(BIN)/driftproof prove --coq build/coq --referee

report:
	@echo "not built yet: $@" >&2; exit 2

clean:
	@rm -rf .venv build dist *.egg-info checks/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find theory impl checks tests -name __pycache__ -type d -prune -exec rm -rf {} +
