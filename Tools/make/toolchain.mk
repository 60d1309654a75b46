# What the machine must have. Each group is looked for once per build folder and installed with
# apt-get where it is missing.

SWIFTC ?= swiftc
SWIFT_BIN := $(dir $(realpath $(shell command -v $(SWIFTC) 2>/dev/null)))
SWIFT := $(SWIFT_BIN)swift
# The toolchain's own clang and lld: the versions that its swiftc was tested with.
SWIFT_CLANG := $(SWIFT_BIN)clang

# NO_INSTALL=1: a build that installs nothing, neither with apt-get nor with pip, and ends with what
# is missing. For package builders, whose machines have no network.
NO_INSTALL ?=
export NO_INSTALL
# $(call no-install,VENV,REQUIREMENTS): before a rule that would call pip.
comma := ,
no-install = $(if $(NO_INSTALL),@echo "NO_INSTALL is set$(comma) so pip is not called: make $(1)" \
    "with what $(2) lists$(comma) and 'touch $(1)/ready'." >&2; exit 1)

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
