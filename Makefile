# Everything that one does with this project. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help run test bench setup processes browser python compiler check clean

CARGO ?= cargo
SCENARIO ?= scenarios/failover.toml
HARNESS := target/release/harness

help: ## List what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup ## Set up what is missing, then run SCENARIO (scenarios/failover.toml)
	@echo "building the harness (the first time takes some minutes)" >&2
	$(CARGO) build --release --locked --package harness --bin harness
	$(HARNESS) run $(SCENARIO)

test: setup processes browser python ## Set up what is missing, then run all tests, those with real brokers too
	HARNESS_REQUIRE_REAL=1 $(CARGO) test --locked --workspace --no-fail-fast

bench: setup ## Set up what is missing, then measure the measurer, and real brokers
	$(CARGO) bench --locked

setup: compiler ## Find or start a container engine, and build the images that are missing
	@docker/setup.sh

processes: ## Get the programs with which brokers run as local processes, without containers
	@docker/processes.sh

browser: ## Get the headless browser with which report pages are tested
	@docker/browser.sh

python: ## Get the libraries with which the documents recount a history
	@docker/python.sh

# librdkafka's configure script insists on a C++ compiler, though all that is built of it here is C.
compiler: ## Install the C++ compiler where it is missing (Debian, as root)
	@command -v c++ >/dev/null || { \
	  if [ -e /etc/debian_version ] && [ "$$(id -u)" = 0 ]; then \
	    echo "installing the package g++, which building librdkafka needs" >&2; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends g++ >/dev/null; \
	  else \
	    echo "a C++ compiler is missing, which building librdkafka needs: install it (Debian: g++), then try again" >&2; exit 4; \
	  fi; }

check: compiler ## Format, lints, as CI sees them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

clean: ## Remove what dead runs left, and what was built
	@if [ -x $(HARNESS) ]; then $(HARNESS) clean; fi
	$(CARGO) clean
