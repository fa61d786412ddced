# VipOperator: `make help` lists what can be made. Each target installs the Debian packages that it needs and says which.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# The SDK's first run neither greets, nor makes a web certificate for the user, nor tries to write into its own folder.
export DOTNET_NOLOGO := 1
export DOTNET_GENERATE_ASPNET_CERTIFICATE := false
export DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK := 1
# The programs that are built look for the runtime here, and may not find an SDK in somebody's home otherwise.
export DOTNET_ROOT ?= $(patsubst %/,%,$(dir $(realpath $(shell command -v dotnet))))

CONFIGURATION ?= Release
OWN_RID := linux-$(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
RID ?= $(OWN_RID)
BIN := artifacts/bin
PROGRAMS := vip-operator vip-sidecar vip-agent vip-lab kubectl-vip
PUBLISH = dotnet publish --nologo --verbosity quiet -c $(CONFIGURATION) -r $(RID)
# One file each; they need the .NET runtime, the others are native and need nothing.
PUBLISH_MANAGED = $(PUBLISH) --self-contained false -p:PublishSingleFile=true -p:PublishReadyToRun=true

# For another architecture than this machine's: linked by Debian's cross compiler.
ifneq ($(RID),$(OWN_RID))
cross := $(patsubst linux-arm64,aarch64-linux-gnu,$(patsubst linux-x64,x86_64-linux-gnu,$(RID)))
ifeq ($(filter %-linux-gnu,$(cross)),)
$(error RID is $(RID); allowed are linux-x64 and linux-arm64)
endif
BIN := artifacts/bin/$(RID)
PUBLISH += -p:CppCompilerAndLinker=$(cross)-gcc -p:ObjCopyName=$(cross)-objcopy
build-packages: cross-packages
endif

# A program is built again when a file of it or of a project that it may reference changed.
shared_sources := Directory.Build.props Directory.Packages.props global.json
sources = $(foreach p,$(1),$(shell find src/$(p) -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.json' \) -not -path '*/obj/*' -not -path '*/bin/*'))

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: $(addprefix $(BIN)/,$(PROGRAMS)) ## Build the programs into artifacts/bin

$(BIN)/vip-sidecar: $(call sources,Sidecar Sidecar.Contract Vrrp) $(shared_sources) | build-packages
	@echo "Building vip-sidecar (native code, takes a minute) …"
	@$(PUBLISH) src/Sidecar -o artifacts/publish/$(RID)/sidecar
	@install -D artifacts/publish/$(RID)/sidecar/vip-sidecar $@

$(BIN)/vip-agent: $(call sources,Agent Api Documents Sidecar.Contract Vrrp) $(shared_sources) | build-packages
	@echo "Building vip-agent (native code, takes a minute) …"
	@$(PUBLISH) src/Agent -o artifacts/publish/$(RID)/agent
	@install -D artifacts/publish/$(RID)/agent/vip-agent $@

$(BIN)/vip-operator: $(call sources,Operator Planning Api Documents Import Import.Shell Vrrp) $(shared_sources) | build-packages
	@echo "Building vip-operator …"
	@$(PUBLISH_MANAGED) src/Operator -o artifacts/publish/$(RID)/operator
	@install -D artifacts/publish/$(RID)/operator/vip-operator $@

$(BIN)/kubectl-vip: $(call sources,Kubectl Api Import Import.Shell) $(shared_sources) | build-packages
	@echo "Building kubectl-vip (native code, takes a minute) …"
	@$(PUBLISH) src/Kubectl -o artifacts/publish/$(RID)/kubectl
	@install -D artifacts/publish/$(RID)/kubectl/kubectl-vip $@

$(BIN)/vip-lab: $(call sources,Lab Api) $(wildcard crds/*.yaml deploy/*.yaml examples/*.yaml) $(shared_sources) | build-packages
	@echo "Building vip-lab …"
	@$(PUBLISH_MANAGED) src/Lab -o artifacts/publish/$(RID)/lab
	@install -D artifacts/publish/$(RID)/lab/vip-lab $@

.PHONY: check
check: build-packages ## Check the formatting, build everything, hold the architecture rules
	dotnet format VipOperator.sln --verify-no-changes --severity warn
	dotnet build VipOperator.sln --nologo --verbosity quiet
	dotnet test --project tests/Architecture.Tests --no-build

.PHONY: test
test: test-packages build images artifacts/tools/vip-chart ## Run all tests (those on real networks need root and ask for sudo)
	@build/test.sh

artifacts/tools/vip-chart: $(wildcard build/vip-chart/*) | charts-packages
	@echo "Building vip-chart, the renderer of the charts …"
	@build/vip-chart/build.sh $@

.PHONY: charts
charts: artifacts/tools/vip-chart ## Write what is made from the charts: deploy/, the tables in their READMEs
	@build/charts.sh

.PHONY: demo
demo: lab-packages build ## Play the two-node scenario on this machine and print a timeline (ARGS='--fast': no measurement)
	@$(BIN)/vip-lab demo $(ARGS)

.PHONY: images
images: images-packages $(addprefix $(BIN)/,vip-sidecar vip-agent vip-operator) ## Build the images of operator and sidecar as OCI archives into artifacts/images (RID=linux-arm64: for that architecture)
	@build/images.sh $(RID) vip-sidecar vip-operator

.PHONY: docs
docs: export VIPOPERATOR_BIN := $(CURDIR)/$(BIN)
docs: export VIPOPERATOR_WRITE_DOCS := 1
docs: build ## Make the documents that are made from the code: API reference, settings
	@dotnet build tests/Docs.Tests --nologo --verbosity quiet
	@tests/Docs.Tests/bin/Debug/net10.0/Docs.Tests --no-ansi --progress off

.PHONY: bench-scale
bench-scale: SIZES ?= 1000
bench-scale: build-packages $(BIN)/vip-operator ## Measure the operator with many VirtualIPs (SIZES=100,1000,5000; KUBEBUILDER_ASSETS: on a real API server)
	@dotnet build bench/Scale -c Release --nologo --verbosity quiet
	@bench/Scale/bin/Release/net10.0/vip-bench-scale docs/performance $(BIN)/vip-operator $(SIZES)

.PHONY: bench
bench: bench-packages $(BIN)/vip-sidecar $(BIN)/vip-agent ## Measure failover, CPU and memory beside keepalived (ARGS='--quick', or parts: outages cpu start change busy)
	@dotnet build bench/Failover -c Release --nologo --verbosity quiet
	@bench/Failover/bin/Release/net10.0/vip-bench --bin $(BIN) $(ARGS)

.PHONY: microbench
microbench: build-packages ## Measure codec, state machine and planner (ARGS="--filter '*Codec*'")
	@dotnet run --project bench/Micro -c Release -- $(ARGS)

.PHONY: soak
soak: export SCHEDULES ?= 5000000
soak: build-packages ## Simulate millions of histories of router groups (SCHEDULES=5000000, or one: SEED=n)
	@dotnet build tests/Vrrp.Tests --nologo --verbosity quiet
	@tests/Vrrp.Tests/bin/Debug/net10.0/Vrrp.Tests --no-ansi --filter-class '*.SimulationTests'

.PHONY: fuzz
fuzz: export DURATION ?= 60
fuzz: fuzz-packages ## Feed what reads foreign bytes with what afl-fuzz makes of them (DURATION=60 seconds each)
	@build/fuzz.sh

.PHONY: clean
clean: ## Remove what was built
	rm -rf artifacts
	dotnet clean VipOperator.sln --nologo --verbosity quiet

.PHONY: build-packages lab-packages test-packages images-packages bench-packages fuzz-packages charts-packages cross-packages
build-packages lab-packages test-packages images-packages bench-packages fuzz-packages charts-packages:
	@build/install-packages.sh $(@:-packages=)

cross-packages:
	@build/install-packages.sh cross $(cross)
