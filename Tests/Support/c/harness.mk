# What the suites in C and C++ have in common: where things are, the compilers, the harness.
# Set SUITE, the name of the folder that it is built in, before including this.
# CHECK_CASES="some words" runs the cases with these words in their names or their group's alone,
# CHECK_CASES=-v names every case.

ROOT := $(abspath ../..)
LIBRARY_DIR ?= $(ROOT)/build/lib
INCLUDE_DIR ?= $(ROOT)/include
BUILD_DIR ?= $(ROOT)/build/tests
GCC ?= gcc
GXX ?= g++
CLANG ?= clang
CLANGXX ?= clang++
CHECK_CASES ?=

OUT := $(BUILD_DIR)/$(SUITE)

SUPPORT := ../Support/c
LIBRARY_FILE := $(LIBRARY_DIR)/libtrillet.so.1
SUPPORT_HEADERS := $(wildcard $(SUPPORT)/*.h) $(INCLUDE_DIR)/trillet.h \
    $(SUPPORT)/harness.mk Makefile
# Cases, text and JSON; not linked with the library.
CHECKING := check.c text.c json_reader.c
# A server that records, and clients of it.
RECORDING := recording_server.c recording_connection.c recorded.c fixture.c engine.c

# A language whose numbers have a comma, for the tests that JSON's keep their point.
LOCALES := $(OUT)/locales
$(LOCALES)/stamp:
	@mkdir -p $(@D)
	-@localedef -i de_DE -f UTF-8 $(@D)/de_DE.UTF-8 >/dev/null 2>&1
	@touch $@
