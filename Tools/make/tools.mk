# The generator and the sandbox: release builds of the package in Tools, made once and used by
# everything else.

# Libraries that a folder has as archives alone are linked into the program.
STATIC_LIBRARIES := $(BUILD)/static
# An assertion in C names its file: the folder of the build does not belong into the program. The hash
# that an incremental build leaves of each Swift file differs with the folder, too.
# A static Swift runtime asks for every name to be exported, which keeps what nothing uses.
TOOLS_FLAGS := --package-path Tools -c release --static-swift-stdlib -debug-info-format none \
    -Xlinker -s -Xlinker --no-export-dynamic -Xlinker -z -Xlinker now \
    -Xlinker -L$(abspath $(STATIC_LIBRARIES)) \
    -Xcc -fmacro-prefix-map=$(abspath Tools)=Tools \
    -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen
# The same length of path in every folder: docs/decisions.md, build-below-proc. swift enters Tools first.
SANDBOX_BUILD := --scratch-path /proc/self/cwd/.build -Xcc -fmacro-prefix-map=/proc/self/cwd=Tools
# Two builds in one folder would wait for each other.
CODEGEN_BUILD := $(BUILD)/codegen
TOOLS_MANIFEST := Tools/Package.swift
CODEGEN_SOURCES := $(shell find Tools/Sources/trillet-codegen -name '*.swift')
SANDBOX_SOURCES := $(shell find Tools/Sources/trillet-sandbox $(wildcard Tools/Sources/C*) -type f)

# The service alone, and with it everything that the generator reads.
DESCRIPTION := api/trillet.yaml
DESCRIPTIONS := $(DESCRIPTION) api/library.yaml

.PHONY: tools
## make tools       build the generator and the sandbox into build/bin
tools: swift-toolchain $(CODEGEN) $(SANDBOX)

$(STATIC_LIBRARIES)/made: | $(STAMPS)/packages-tools
	@mkdir -p $(@D)
	@for name in libsqlite3.a libstdc++.a; do \
	    file=$$($(CC) -print-file-name=$$name); \
	    if [ -f "$$file" ]; then ln -sf "$$(realpath "$$file")" $(@D)/$$name; fi; done
	@touch $@

$(CODEGEN): $(CODEGEN_SOURCES) $(TOOLS_MANIFEST) | $(STAMPS)/packages-tools $(STATIC_LIBRARIES)/made
	@mkdir -p $(@D)
	$(SWIFT) build $(TOOLS_FLAGS) --scratch-path $(CODEGEN_BUILD) --product trillet-codegen
	cp -f $(CODEGEN_BUILD)/release/trillet-codegen $@.new && mv -f $@.new $@

$(SANDBOX): $(SANDBOX_SOURCES) $(TOOLS_MANIFEST) | $(STAMPS)/packages-tools $(STATIC_LIBRARIES)/made
	@mkdir -p $(@D)
	@echo "Building the sandbox with its web server and database; the first time takes minutes."
	@# Modules of a build at another path do not go with these.
	@[ -e Tools/.build/release/below-proc ] || rm -rf Tools/.build/*-linux-*/release
	$(SWIFT) package --package-path Tools resolve
	$(SWIFT) build $(TOOLS_FLAGS) $(SANDBOX_BUILD) --product trillet-sandbox
	@touch Tools/.build/release/below-proc
	cp -f Tools/.build/release/trillet-sandbox $@.new && mv -f $@.new $@

# Only for the benchmark.
BASELINE := $(BUILD)/benchmarks/sandbox-baseline
$(BASELINE): $(wildcard Tools/Sources/sandbox-baseline/*.swift) $(TOOLS_MANIFEST) | $(SANDBOX)
	@mkdir -p $(@D)
	$(SWIFT) build $(TOOLS_FLAGS) $(SANDBOX_BUILD) --product sandbox-baseline
	cp -f Tools/.build/release/sandbox-baseline $@.new && mv -f $@.new $@

.PHONY: generate
## make generate    write everything that follows from the descriptions in api
generate: swift-toolchain $(CODEGEN)
	$(CODEGEN) --root .
	$(PYTHON) Tools/release/command_reference.py

.PHONY: check-generated
check-generated: swift-toolchain $(CODEGEN)
	$(CODEGEN) --root . --check
	$(PYTHON) Tools/release/command_reference.py --check

.PHONY: sandbox
## make sandbox     run the sandbox on port 4010 (SANDBOX_FLAGS for its options)
sandbox: swift-toolchain $(SANDBOX)
	$(SANDBOX) --port 4010 $(SANDBOX_FLAGS)

BUILD_JOBS ?= 2

# A sandbox that is installed saves the minutes of compiling one: TRILLET_SANDBOX, that of the Python
# package trillet-sandbox, or trillet-sandbox in PATH.
INSTALLED_SANDBOX = $(or $(TRILLET_SANDBOX),$(shell $(PYTHON) -c \
    'import trillet_sandbox; print(trillet_sandbox.program())' 2>/dev/null || \
    command -v trillet-sandbox))
DEMO_SANDBOX = $(or $(INSTALLED_SANDBOX),$(SANDBOX))

# Whoever has the variables of the real service set must not ring phones by trying the demo.
.PHONY: demo
## make demo        build the library, and run the examples against a sandbox of their own
demo:
	@+sandbox='$(DEMO_SANDBOX)' && \
	$(MAKE) --no-print-directory -j$(BUILD_JOBS) library \
	    $$([ "$$sandbox" = '$(SANDBOX)' ] && echo '$(SANDBOX)') && \
	$(MAKE) -s -C examples programs && \
	env -u TRILLET_BASE_URL -u TRILLET_API_KEY -u TRILLET_WORKSPACE_ID \
	    TRILLET_SANDBOX="$$(realpath "$$sandbox")" examples/run-demo
