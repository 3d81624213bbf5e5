# Two commands matter: `make rehearsal` and `make test`. Both set up all they need.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
SEED ?=

.PHONY: rehearsal test unit lint setup rights packages images trials clean

rehearsal: setup
	@$(BIN)/liferaft sandbox rehearse $(if $(SEED),--seed $(SEED)) --report build/rehearsal

test: setup lint
	@$(BIN)/pytest tests

unit: .venv/ready
	@$(BIN)/pytest tests -m "not sandbox and not golden"

lint: .venv/ready
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: rights packages .venv/ready images

rights:
	@if [ "$$(id -u)" != 0 ]; then
	  echo "liferaft's sandbox starts real hosts and networks: run this as root." >&2; exit 1
	fi
	if ! unshare --mount --net --pid --fork true 2>/dev/null; then
	  echo "liferaft's sandbox needs mount, network and process namespaces, which this machine denies." >&2; exit 1
	fi

packages:
	@wanted=$$(sed 's/#.*//' debian-packages.txt)
	if ! dpkg-query -W -f '$${db:Status-Status}\n' $$wanted 2>/dev/null | grep -qvx installed && dpkg-query -W $$wanted >/dev/null 2>&1; then
	  exit 0
	fi
	echo "set-up: installing Debian packages: $$(echo $$wanted)" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends $$wanted >/dev/null

.venv/ready: requirements.lock pyproject.toml | packages
	@echo "set-up: Python packages into .venv, from the lock file" >&2
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

images: .venv/ready
	@$(BIN)/python -m liferaft.sandbox.images build
	$(BIN)/python -m liferaft_stacks.microblog.image.build --out build/chirp.oci.tar

clean:
	@rm -rf build .venv
