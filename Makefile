# Every target sets up what it needs, inside .cache/. Further arguments: make unit ARGS="-k token -x"
PYTHON ?= python3
TOOLS := tests/tools
RUN := $(PYTHON) $(TOOLS)/run.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test unit histories hostile faults mutants integration load bench figures sanity lint format docs pictures matrix emulator lock changelog build clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: ## See it work: a playbook reads an emulated StackSet operation and holds back a later task
	@$(RUN) --layer demo --keep-home python examples/demo/run.py $(ARGS)

test: ## Everything that must pass: unit, integration, sanity, lint
	@$(PYTHON) $(TOOLS)/suite.py $(ARGS)

unit: ## Unit tests (ARGS go to pytest)
	@$(RUN) pytest tests/unit $(ARGS)

histories: ## The gate against 10,000 generated histories (another number: STACKGATE_HISTORIES=300)
	@STACKGATE_HISTORIES=$${STACKGATE_HISTORIES:-10000} $(RUN) pytest -n auto --dist worksteal -rP \
		tests/unit/plugins/module_utils/test_gate_histories.py $(ARGS)

hostile: ## Every parser against 5,000 hostile inputs each (another number: STACKGATE_HOSTILE=300)
	@STACKGATE_HOSTILE=$${STACKGATE_HOSTILE:-5000} $(RUN) pytest -n auto --dist worksteal -rP tests/unit -k hostile $(ARGS)

faults: ## Every fault through module, lookup and gate; writes docs/fault_matrix.md (ARGS: only these, nothing written)
	@$(RUN) python -m fault_matrix $(ARGS)

mutants: ## Mutation testing of the pure rooms, a few minutes (ARGS: only these rooms: gate wait)
	@$(RUN) --layer mutants python $(TOOLS)/mutants.py $(ARGS)

integration: ## Real ansible-playbook and ansible against the emulator (ARGS go to pytest)
	@$(RUN) pytest -n auto --dist worksteal tests/integration $(ARGS)

load: ## 100,000 rows, 200 gates at once, half of all calls throttled: twenty minutes (ARGS go to pytest)
	@$(RUN) pytest -n 2 --dist worksteal tests/load $(ARGS)

bench: ## How fast it is beside what one would use without it; writes docs/speed.md (ARGS: only these rows, nothing written)
	@$(RUN) python tests/benchmarks/speed.py --write $(ARGS)

figures: ## The core's time and memory under load, the reports'; writes docs/load.md, docs/report.md (ARGS: --repetitions)
	@$(RUN) python tests/benchmarks/load.py --write $(ARGS)
	@$(RUN) python tests/benchmarks/report.py --write $(ARGS)

sanity: ## ansible-test sanity (ARGS go to ansible-test)
	@$(PYTHON) $(TOOLS)/sanity.py $(ARGS)

lint: ## ruff, ansible-lint, antsibull-docs, antsibull-changelog, shellcheck (ARGS: only these)
	@$(PYTHON) $(TOOLS)/lint.py $(ARGS)

format: ## Let ruff format the Python files and mend what it can
	@$(RUN) sh -c 'ruff check --fix; ruff format'

docs: ## The documentation site, in .cache/docs/html, without dead links; writes docs/reference
	@$(RUN) python $(TOOLS)/reference_pages.py
	@$(PYTHON) $(TOOLS)/docs.py

pictures: ## The pictures of the README and the guides, from the demo's data (needs Chromium)
	@$(RUN) python $(TOOLS)/pictures.py

matrix: ## Unit and integration tests on every pair of Python and ansible-core found (ARGS: 2.17 3.12)
	@$(PYTHON) $(TOOLS)/matrix.py $(ARGS)

emulator: ## Start the emulator alone, on a free port of this machine (ARGS go to it)
	@$(RUN) --layer demo python -m emulator --foreground $(ARGS)

lock: ## Write tests/requirements/constraints-*.txt anew
	@$(PYTHON) $(TOOLS)/lock.py

changelog: ## Put the fragments into CHANGELOG.md, under the version in galaxy.yml
	@$(RUN) antsibull-changelog release --update-existing --reload-plugins $(ARGS)

build: ## The collection's archive, in .cache/build
	@$(RUN) ansible-galaxy collection build --force --output-path .cache/build

clean: ## Take away everything that was set up (.cache)
	rm -rf .cache
