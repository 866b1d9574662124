# Copydesk on one machine. Every target is one line; the work is done, and tested, in local/.
# Variables: PORT=8000 (the dashboard's), INSTANCE=dir (data, keys, logs; several may live on
# one machine), NAME=… (which benchmark), PYTHON=… (which Python makes the environments).
.DEFAULT_GOAL := help
.PHONY: help setup run demo stop status test check bench faults lock format

INSTANCE ?= ./instance
TRIES = python3 python3.13 python3.12 python3.11 python3.14
FITS = -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
PYTHON ?= $(shell for p in $(TRIES); do $$p $(FITS) && echo $$p && exit; done; for p in $(TRIES); do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && exit; done)
SETUP = $(or $(PYTHON),$(error Copydesk needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt install python3 python3-venv) or name one: make PYTHON=/path/to/python3)) -m local setup --for
LOCAL = .venv/bin/python -m local
WHERE = --instance "$(INSTANCE)" $(if $(PORT),--port "$(PORT)")

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use it
setup: ## make the environments (.venv, .venv-labelstudio) and fetch the browser files
	@$(SETUP) run
run: ## start everything on this machine, with demo articles and a demo batch (PORT=, INSTANCE=)
	@$(SETUP) run && exec $(LOCAL) run $(WHERE)
demo: ## the same, and simulated annotators label the demo batch
	@$(SETUP) run && exec $(LOCAL) demo $(WHERE)
stop: ## end every process of the instance (INSTANCE=)
	@$(or $(PYTHON),python3) -m local stop --instance "$(INSTANCE)"
status: ## what of the instance is running (INSTANCE=)
	@$(or $(PYTHON),python3) -m local status --instance "$(INSTANCE)"

##@ Change it
test: ## all tests: unit, integration, contract, journey, browser; then the coverage gates
	@$(SETUP) test && exec $(LOCAL) test $(if $(CI),--no-skips)
check: ## lint, format, types, imports, requirements
	@$(SETUP) test && exec $(LOCAL) check
format: ## put the code in order
	@$(SETUP) test && .venv/bin/ruff check --fix . && .venv/bin/ruff format .
bench: ## one JSON line a figure; NAME=… for one of them
	@$(SETUP) test && exec .venv/bin/python -m benchmarks $(NAME)
faults: ## the long fault runs
	@$(SETUP) test && exec .venv/bin/python -m pytest tests/faults -p no:cacheprovider -s --fault-runs 30
lock: ## write the requirements again from the .in files, with hashes
	@$(SETUP) test && exec $(LOCAL) lock
