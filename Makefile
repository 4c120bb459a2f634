# Every target is a session of noxfile.py and sets up what it needs, inside .cache/. Arguments: make unit ARGS="-k token -x"
PYTHON ?= python3
NOX := .cache/nox/bin/python -m nox
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test unit histories hostile faults mutants integration load bench figures sanity lint format docs pictures matrix cells corners emulator lock changelog build clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: .cache/nox/bin/nox ## See it work: a playbook reads emulated StackSet operations and stops if they failed
	@$(NOX) -s demo -- $(ARGS)

test: .cache/nox/bin/nox ## Everything that must pass: unit, integration, sanity, lint
	@mkdir -p .cache/logs; $(NOX) -j 2 -s sanity lint >.cache/logs/checks.log 2>&1 & checks=$$!; \
	$(NOX) -s unit integration; tests=$$?; wait $$checks; checks=$$?; cat .cache/logs/checks.log; exit $$((tests + checks))

unit: .cache/nox/bin/nox ## Unit tests (ARGS go to pytest)
	@$(NOX) -s unit -- $(ARGS)

histories: .cache/nox/bin/nox ## Run the gate against 10,000 generated histories (another number: STACKGATE_HISTORIES=300)
	@STACKGATE_HISTORIES=$${STACKGATE_HISTORIES:-10000} $(NOX) -s histories -- $(ARGS)

hostile: .cache/nox/bin/nox ## Give every parser 5,000 malicious inputs (another number: STACKGATE_HOSTILE=300)
	@STACKGATE_HOSTILE=$${STACKGATE_HOSTILE:-5000} $(NOX) -s hostile -- $(ARGS)

faults: .cache/nox/bin/nox ## Inject about fifty AWS and network faults; writes docs/fault_matrix.md (ARGS: only these, nothing written)
	@$(NOX) -s faults -- $(ARGS)

mutants: .cache/nox/bin/nox ## Mutation testing of the modules that need no network, a few minutes (ARGS: only these: _gate/evaluate)
	@$(NOX) -s mutants -- $(ARGS)

integration: .cache/nox/bin/nox ## Integration tests: real Ansible against the emulator (ARGS go to pytest)
	@$(NOX) -s integration -- $(ARGS)

load: .cache/nox/bin/nox ## 100,000 results, 200 gates at once, half of all calls throttled: twenty minutes (ARGS go to pytest)
	@$(NOX) -s load -- $(ARGS)

bench: .cache/nox/bin/nox ## Compare the speed with the alternatives; writes docs/speed.md (ARGS: only these rows, nothing written)
	@$(NOX) -s bench -- $(ARGS)

figures: .cache/nox/bin/nox ## Time and memory of the core and of the reports; writes docs/load.md, docs/report.md (ARGS: --repetitions)
	@$(NOX) -s figures -- $(ARGS)

sanity: .cache/nox/bin/nox ## ansible-test sanity (ARGS go to ansible-test; 2.17: with the oldest Python of that ansible-core)
	@$(NOX) -s sanity -- $(ARGS)

lint: .cache/nox/bin/nox ## Linters of code, documentation, prose and workflows (ARGS: only these: ruff codespell)
	@$(NOX) -s lint -- $(ARGS)

format: .cache/nox/bin/nox ## Format the Python files with ruff, and fix what it can
	@$(NOX) -s format

docs: .cache/nox/bin/nox ## Build the documentation site in .cache/docs/html; writes docs/reference and the tables of messages
	@$(NOX) -s docs

pictures: .cache/nox/bin/nox ## Take the pictures of the README and the guides, from the demo's data (needs Chromium)
	@$(NOX) -s pictures

matrix: .cache/nox/bin/nox ## Unit and integration tests on every pair of ansible-core and Python found (ARGS: 2.17 3.12 -k token)
	@$(NOX) -j auto -s matrix -- $(ARGS)

cells: .cache/nox/bin/nox ## List the pairs of make matrix as JSON, for the workflows
	@$(NOX) -s matrix --list --json

corners: .cache/nox/bin/nox ## Run three pairs of the matrix: the oldest with the oldest boto3, one between, the newest
	@$(NOX) -t corners -- $(ARGS)

emulator: .cache/nox/bin/nox ## Start the emulator alone, on a free port of this machine (ARGS: --demo, with the demo's stack sets)
	@$(NOX) -s emulator -- $(ARGS)

lock: .cache/nox/bin/nox ## Update tests/requirements/constraints.txt
	@$(NOX) -s lock

changelog: .cache/nox/bin/nox ## Move the fragments into CHANGELOG.md, under the version in galaxy.yml
	@$(NOX) -s changelog -- $(ARGS)

build: .cache/nox/bin/nox ## Build the collection's archive in .cache/build
	@$(NOX) -s build

clean: ## Remove everything that was set up (.cache)
	rm -rf .cache

# nox and uv, which set up everything else.
.cache/nox/bin/nox: tests/requirements/nox.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed; try: make PYTHON=python3.12 ..." if sys.version_info < (3, 10) else 0)'
	@$(PYTHON) -m venv .cache/nox
	@PIP_USER=0 PIP_TARGET= PIP_PREFIX= .cache/nox/bin/python -m pip -qq --cache-dir .cache/pip install -r tests/requirements/nox.txt
	@touch $@
