# The soak: Tests/Soak against the built library, or against the core compiled with a sanitizer.

# thread or address: the core in the ordinary build, since sanitizers need a Swift runtime.
# valgrind: the library that is shipped. Empty: the same, without any.
SANITIZER ?=
SOAK_FLAGS ?=
# plain, tls12, tls13 or h2: TLS through nginx, HTTP/2 through nghttpx, in front of the same server.
WIRE ?= plain

SOAK := $(BUILD)/soak/$(or $(SANITIZER),plain)
SOAK_SOURCES := $(filter-out Tests/Soak/fault_%,$(wildcard Tests/Soak/*.c))
SOAK_HEADERS := $(wildcard Tests/Soak/*.h) include/trillet.h Tools/make/soak.mk
# Valgrind of Debian 12 does not read DWARF 5.
SOAK_C_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -gdwarf-4 -Wall -Wextra -pedantic -Werror -pthread -Iinclude
SOAK_OBJECTS := $(SOAK_SOURCES:Tests/Soak/%.c=$(SOAK)/%.o)

# One that is faster than what it serves, and whose own memory is no part of the matter.
$(SOAK)/fault-server: $(wildcard Tests/Soak/fault_*.c Tests/Soak/fault_*.h) Tests/Soak/chance.h | $(STAMPS)/packages-test
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(SOAK_C_FLAGS) -O2 $(filter %.c,$^) -o $@

ifneq ($(filter thread address,$(SANITIZER)),)

SOAK_INSTRUMENT := -fsanitize=$(SANITIZER) -fno-omit-frame-pointer
SOAK_CORE_OBJECTS := $(C_SOURCES:Sources/CTrillet/%.c=$(SOAK)/core/%.o)

$(SOAK_CORE_OBJECTS): $(SOAK)/core/%.o: Sources/CTrillet/%.c $(IMPORTED) | $(STAMPS)/packages-build
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(C_FLAGS) -g $(SOAK_INSTRUMENT) $(CURL_CFLAGS) -ISources/CTrillet/include \
	    -c $< -o $@

$(SOAK)/soak: $(SWIFT_SOURCES) $(IMPORTED) $(SOAK_CORE_OBJECTS) $(SOAK_OBJECTS)
	@echo "Building the soak with the $(SANITIZER) sanitizer"
	$(Q)$(SWIFTC) $(SWIFT_FLAGS) -gline-tables-only -use-ld=lld -sanitize=$(SANITIZER) -static-stdlib $(SWIFT_SOURCES) \
	    $(SOAK_CORE_OBJECTS) $(SOAK_OBJECTS) $(CURL_LIBS) -o $@

else

# Valgrind gets the same objects, linked with the names of their functions.
SOAK_LIBRARY := $(if $(SANITIZER),$(SOAK)/lib/libtrillet.so.$(ABI),$(LIBRARY))

$(SOAK)/lib/libtrillet.so.$(ABI): $(LIBRARY) Tools/make/soak.mk
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) -shared $(filter-out %--strip-all,$(LINK_FLAGS)) $(OBJECTS)/trillet.o \
	    $(C_OBJECTS) $(CURL_LIBS) -o $@

$(SOAK)/soak: $(SOAK_OBJECTS) $(SOAK_LIBRARY)
	$(Q)$(SWIFT_CLANG) -pthread $(SOAK_OBJECTS) $(SOAK_LIBRARY) \
	    -Wl,-rpath,$(abspath $(dir $(SOAK_LIBRARY))) -o $@

endif

$(SOAK_OBJECTS): $(SOAK)/%.o: Tests/Soak/%.c $(SOAK_HEADERS) | $(STAMPS)/packages-test
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(SOAK_C_FLAGS) $(SOAK_INSTRUMENT) -c $< -o $@

# A sanitizer keeps freed memory for a while, to notice its use.
ifeq ($(SANITIZER),valgrind)
SOAK_RUN := valgrind --quiet --error-exitcode=1 --leak-check=full --fair-sched=yes \
    --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite,possible \
    --suppressions=Tests/Soak/valgrind.supp $(SOAK)/soak --ignore-memory --requests 20000
else ifeq ($(SANITIZER),)
SOAK_RUN := $(SOAK)/soak
else
SOAK_RUN := $(SOAK)/soak --ignore-memory --requests 200000
endif
export TSAN_OPTIONS ?= halt_on_error=1 second_deadlock_stack=1 \
    suppressions=$(abspath Tests/Soak/thread-sanitizer.supp)
export ASAN_OPTIONS ?= detect_leaks=1 detect_stack_use_after_return=1

.PHONY: soak
## make soak        1,000,000 requests with faults (SANITIZER=thread|address|valgrind,
##                  WIRE=tls12|tls13|h2 with 200,000 requests, SOAK_FLAGS such as
##                  --engine caller; without it each client has either by chance)
soak: swift-toolchain $(SOAK)/soak $(SOAK)/fault-server
	$(if $(filter valgrind,$(SANITIZER)),@Tools/install-packages bench)
	$(if $(filter plain,$(WIRE)),,PYTHONPATH=Tests/Support/python $(PYTHON) Tests/Wire/soak.py $(WIRE) $(SOAK)/fault-server \
	    )$(SOAK_RUN) $(if $(filter plain,$(WIRE)),,--requests 200000) $(SOAK_FLAGS)

CAMPAIGN_FLAGS ?=

.PHONY: soak-campaign
## make soak-campaign  a storm over a campaign of 100,000 contacts: 1,000 killed workers, every fault of
##                  the network, killed databases, stopped workers, wrong clocks, a restored backup
##                  (20 to 40 minutes; CAMPAIGN_FLAGS="--database postgresql --contacts 10000 --kills 100")
soak-campaign: library $(SANDBOX) $(VENV)/ready
	$(TESTED) PYTHONPATH=bindings/python/src:bindings/python/tests $(VENV)/bin/python \
	    bindings/python/tests/soak_campaign.py $(CAMPAIGN_FLAGS)

CODE_FLAGS ?=

.PHONY: soak-code
## make soak-code   agents as code in a storm: 200 agents and flows are applied while a quarter of the
##                  requests fails, with 30 kills (CODE_FLAGS="--objects 50 --kills 100 --seed 2")
soak-code: library $(SANDBOX) $(VENV)/ready
	$(TESTED) PYTHONPATH=bindings/python/src:bindings/python/tests $(VENV)/bin/python \
	    bindings/python/tests/soak_code.py $(CODE_FLAGS)
