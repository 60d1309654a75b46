# `make` builds the library, `make demo` shows what it does, `make test` tests everything.

VERSION := $(shell sed -n 's/^\#define TRILLET_VERSION "\(.*\)"/\1/p' include/trillet.h)
ABI := $(shell sed -n 's/^\#define TRILLET_ABI \([0-9]*\)/\1/p' include/trillet.h)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=

# embedded: what is shipped, without a Swift runtime. ordinary: for a toolchain that lacks
# Embedded Swift; the runtime is linked in.
MODE ?= embedded
PYTHON ?= python3

BUILD := build
# make V=1 shows the commands.
Q := $(if $(V),,@)
LIBRARY := $(BUILD)/lib/libtrillet.so.$(ABI)
SANDBOX := $(BUILD)/bin/trillet-sandbox
CODEGEN := $(BUILD)/bin/trillet-codegen
VENV := $(BUILD)/venv

# The time in everything that is built: that of the last commit, so that the same sources make the
# same bytes everywhere. A source archive knows it from a file that `git archive` fills in.
ifndef SOURCE_DATE_EPOCH
export SOURCE_DATE_EPOCH := $(or \
    $(shell test -e .git && git log -1 --format=%ct 2>/dev/null),\
    $(shell grep -xE '[0-9]+' packaging/commit-date 2>/dev/null),0)
endif

.PHONY: all
all: library

include Tools/make/toolchain.mk
include Tools/make/library.mk
include Tools/make/release-libraries.mk
include Tools/make/tools.mk
include Tools/make/tests.mk
include Tools/make/hosts.mk
include Tools/make/distributions.mk
include Tools/make/soak.mk
include Tools/make/fuzz.mk
include Tools/make/manual.mk
include Tools/make/install.mk
include Tools/make/wheel.mk
include Tools/make/tarball.mk
include Tools/make/release.mk
include Tools/make/deb.mk
include Tools/make/test-release.mk
include Tools/make/docs.mk

.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.PHONY: version
## make version     print the version that the header has
version:
	@echo $(VERSION)

.PHONY: clean
## make clean       remove what was built (Tools/.build too)
clean:
	rm -rf $(BUILD) .build Tools/.build
