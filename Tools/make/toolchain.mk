# What the machine must have. Each group is looked for once per build folder and installed with
# apt-get where it is missing.

SWIFTC ?= swiftc
SWIFT_BIN := $(dir $(realpath $(shell command -v $(SWIFTC) 2>/dev/null)))
SWIFT := $(SWIFT_BIN)swift
# The toolchain's own clang and lld: the versions that its swiftc was tested with.
SWIFT_CLANG := $(SWIFT_BIN)clang

STAMPS := $(BUILD)/stamps

.PHONY: swift-toolchain
swift-toolchain:
	@command -v $(SWIFTC) >/dev/null || { \
	    echo "There is no Swift toolchain: 'swiftc' is not in PATH."; \
	    echo "Install Swift 6.2 or later from https://www.swift.org/install/linux/ (or with"; \
	    echo "swiftly: https://www.swift.org/swiftly/), put its usr/bin into PATH, and run make again."; \
	    exit 1; } >&2

$(STAMPS)/packages-%: Tools/install-packages
	@mkdir -p $(STAMPS)
	@Tools/install-packages $*
	@touch $@
