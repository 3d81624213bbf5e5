# Three commands matter: `make rehearsal`, `make drill`, `make test`. Each sets up all it needs, once.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
BIN := .venv/bin
# The long files first. Fast tests compute; the others wait more than that, also where there are two
# processors.
PROCESSES = 4
unit fidelity: PROCESSES = 2
PYTEST = $(BIN)/pytest tests -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
# Tests play one release of Debian a day by turns, so that a new machine builds the hosts of one; a
# rehearsal plays what new applications get. LIFERAFT_SANDBOX_SYSTEM chooses for both.
TODAYS := $(shell echo debian-1$$((3 - $$(date +%s) / 86400 % 2)))
PLAYED = $(TODAYS)
rehearsal drill trials: PLAYED = debian-13
export LIFERAFT_SANDBOX_SYSTEM ?= $(PLAYED)
SEED ?=
ONLY ?=
# `make live`: the cloud, what it may cost in its own currency, how many minutes it may make things;
# REGION; PART=story or contract; YES=1 agrees to all within the budget; CLEAN=1 only deletes what
# earlier runs left; SANDBOX=NAME plays it in a sandbox that is up.
CLOUD ?=
BUDGET ?= 5
MINUTES ?= 60
REGION ?=
PART ?=
YES ?=
CLEAN ?=
SANDBOX ?=
# Tests are compiled once, and not by every process of every run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: rehearsal drill test unit fidelity lint trials live setup rights packages images lock clean

rehearsal: setup
	@$(BIN)/liferaft sandbox rehearse $(if $(SEED),--seed $(SEED)) --report build/rehearsal

# One drill that is killed and cleaned up, and a whole one; its report is beside.
drill: setup
	@$(BIN)/python -m benchmarks.drills --times 1 --sites hetzner --report build/drill

test: setup lint
	@$(PYTEST) -m "not fidelity" --durations 25

unit: .venv/ready
	@$(PYTEST) -m "not sandbox and not golden and not proof and not fidelity"

# What the simulated clouds answer to clients that are not liferaft.
fidelity: .venv/ready
	@$(PYTEST) -m fidelity

lint: .venv/ready
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests benchmarks --exclude golden/programs
	$(BIN)/lint-imports

# Proofs too long for `make test`; resumable. ONLY="name name" picks parts.
trials: setup
	@$(BIN)/python -m benchmarks.trials $(ONLY)

# The clouds' contract against a real account, on docs/live.md's terms.
live: .venv/ready
	@$(if $(SANDBOX),$(BIN)/liferaft sandbox exec --name $(SANDBOX) operator --) \
	  $(BIN)/python -m benchmarks.live $(CLOUD) --budget $(BUDGET) --minutes $(MINUTES) \
	  $(if $(REGION),--region $(REGION)) $(if $(PART),--part $(PART)) $(if $(YES),--yes) $(if $(CLEAN),--clean)

setup: rights packages .venv/ready images

rights:
	@refuse() { echo "liferaft's sandbox $$1" >&2; exit 1; }
	[ "$$(id -u)" = 0 ] || refuse "starts real hosts and networks: run this as root."
	unshare --mount --net --pid --fork true 2>/dev/null ||
	  refuse "needs mount, network and process namespaces, which this machine denies."
	grep -q ' - cgroup2 ' /proc/self/mountinfo ||
	  refuse "needs control groups: mount -t cgroup2 none /sys/fs/cgroup"

packages:
	@.ci/debian-packages

.venv/ready: requirements.lock pyproject.toml infra/liferaft_sandbox/pyproject.toml .ci/python-packages
	@.ci/python-packages $(PYTHON)
	touch $@

images: .venv/ready
	@$(BIN)/python -m liferaft_sandbox.build
	$(BIN)/python -m liferaft_stacks.microblog.image.build --out build/chirp.oci.tar >/dev/null

# Needs uv. Versions that are locked stay unless a pyproject.toml asks for others.
lock:
	@uv pip compile pyproject.toml infra/liferaft_sandbox/pyproject.toml --extra dev --python-version 3.11 --quiet \
	  --no-emit-package liferaft --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

clean:
	@rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
