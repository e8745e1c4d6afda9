# The targets that people and CI use. `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# What the single-purpose targets work on, e.g. make race PKG=./core/... RUN=TestClaim
PKG ?= ./... ./schema/... ./core/... ./core/otel/... ./client/... ./client/otel/... ./client/console/... ./client/cmd/quartzctl/... ./pgnotify/... ./examples/... ./examples/observability/... ./integration/... ./integration/bench/...
RUN ?= .
BENCH ?= .
COUNT ?= 1
SOAK ?= 60s
FAULTS ?= 60s
SCENARIO ?= .
KINDS ?= postgres,mariadb
RUNS ?= 3
SCALE ?= 1

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## Run everything: vet, build each module alone, test with -race on SQLite, PostgreSQL and MariaDB
	@scripts/provision
	@scripts/with-servers scripts/check

.PHONY: test-short
test-short: ## Run the tests that need no server and no C compiler
	@go test -short $(PKG)

.PHONY: test-mysql
test-mysql: ## Run the conformance suite on a real MySQL
	@scripts/with-servers -s mysql scripts/conformance mysql

.PHONY: test-oracle
test-oracle: ## Run the conformance suite on the Oracle of QUARTZ_TEST_ORACLE_DSN or docker compose
	@scripts/with-servers -s oracle scripts/conformance oracle

.PHONY: race
race: ## Run tests under the race detector on given PKG, RUN and COUNT
	@scripts/provision
	@scripts/with-servers scripts/race -run '$(RUN)' -count $(COUNT) $(PKG)

.PHONY: bench
bench: ## Measure SCENARIO (B1 to B8, plans) on KINDS, RUNS times (default 3), beside yardsticks; SCALE=0.1 for a look
	@scripts/with-servers go run ./integration/bench -scenario '$(SCENARIO)' -db '$(KINDS)' -runs '$(RUNS)' -scale '$(SCALE)'

.PHONY: microbench
microbench: ## Run the Go benchmarks of PKG, BENCH, COUNT times
	@scripts/with-servers go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) -timeout 60m $(PKG)

.PHONY: soak
soak: ## Run three worker processes under load and edits for SOAK (default 60s) on each server
	@QUARTZ_SOAK='$(SOAK)' QUARTZ_TEST_KINDS=postgres,mariadb \
		scripts/with-servers go test -v -count 1 -run TestThreeProcessesUnderLoad -timeout 60m ./integration/soak

.PHONY: faults
faults: ## Break clusters in every known way for FAULTS each (default 60s), one line per fault
	@FAULTS='$(FAULTS)' RUN='$(RUN)' scripts/with-servers scripts/faults

.PHONY: mutants
mutants: ## Take out each guard in turn, and name the test that notices
	@scripts/with-servers go run ./integration/mutants -run '$(RUN)'

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (default 30s)
	@scripts/fuzz

.PHONY: model
model: ## Check the models of the protocol with spin, with all guards and without each
	@scripts/model

.PHONY: lint
lint: ## Lint every module
	@scripts/lint

.PHONY: fmt
fmt: ## Format every module
	@scripts/lint fmt

.PHONY: tidy
tidy: ## Tidy every go.mod
	@for dir in $$(go list -m -f '{{.Dir}}') tools; do (cd $$dir && GOWORK=off go mod tidy) || exit 1; done

.PHONY: release-check
release-check: ## Build the modules as published, and the README's programs with them
	@scripts/release-check

.PHONY: servers-up
servers-up: ## Start database servers that stay up, and print their DSNs
	@scripts/servers up

.PHONY: servers-down
servers-down: ## Stop what servers-up started and remove its data
	@scripts/servers down
