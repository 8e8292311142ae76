# Everything that one does with this project. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help run test bench setup check clean

CARGO ?= cargo
SCENARIO ?= scenarios/failover.toml
HARNESS := target/release/harness

help: ## List what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup ## Set up what is missing, then run SCENARIO (scenarios/failover.toml)
	@echo "building the harness (the first time takes some minutes)" >&2
	$(CARGO) build --release --locked --package harness --bin harness
	$(HARNESS) run $(SCENARIO)

test: setup ## Set up what is missing, then run all tests, those with real brokers too
	HARNESS_REQUIRE_REAL=1 $(CARGO) test --release --locked --workspace

bench: ## Measure the measurer
	$(CARGO) bench --locked

setup: ## Find or start a container engine, and build the images that are missing
	@docker/setup.sh

check: ## Format, lints, as CI sees them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

clean: ## Remove what dead runs left, and what was built
	@if [ -x $(HARNESS) ]; then $(HARNESS) clean; fi
	$(CARGO) clean
