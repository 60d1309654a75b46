# libFuzzer on the core in the ordinary build, since sanitizers need a Swift runtime. What is found
# stays in build/fuzz/TARGET: the corpus, and inputs that ended the program.

# answers, csv, doors, json or webhooks.
FUZZ_TARGET ?= csv
FUZZ_SECONDS ?= 60
FUZZ_FLAGS ?=

FUZZ := $(BUILD)/fuzz
FUZZ_INSTRUMENT := -fsanitize=address,fuzzer-no-link -fno-omit-frame-pointer -g
FUZZ_CORE_OBJECTS := $(C_SOURCES:Sources/CTrillet/%.c=$(FUZZ)/core/%.o)
FUZZ_C_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -pedantic -Werror -pthread -Iinclude

$(FUZZ_CORE_OBJECTS): $(FUZZ)/core/%.o: Sources/CTrillet/%.c $(IMPORTED) Tools/make/fuzz.mk | $(STAMPS)/packages-build
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(C_FLAGS) $(FUZZ_INSTRUMENT) $(CURL_CFLAGS) -ISources/CTrillet/include \
	    -c $< -o $@

# Once for all targets.
$(FUZZ)/trillet.o: $(SWIFT_SOURCES) $(IMPORTED) Tools/make/fuzz.mk
	@mkdir -p $(@D)
	@echo "Compiling the core with libFuzzer and the address sanitizer"
	$(Q)$(SWIFTC) $(SWIFT_FLAGS) -g -sanitize=address,fuzzer -c $(SWIFT_SOURCES) -o $@

$(FUZZ)/%.o: Tests/Fuzz/%.c Tests/Fuzz/fuzz.h include/trillet.h Tools/make/fuzz.mk
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(FUZZ_C_FLAGS) $(FUZZ_INSTRUMENT) -c $< -o $@

$(FUZZ)/fuzz-%: $(FUZZ)/fuzz_%.o $(FUZZ)/fuzz.o $(FUZZ)/trillet.o $(FUZZ_CORE_OBJECTS)
	$(Q)$(SWIFTC) -use-ld=lld -sanitize=address,fuzzer -parse-as-library -static-stdlib $^ \
	    $(CURL_LIBS) -o $@

.SECONDARY: $(patsubst Tests/Fuzz/%.c,$(FUZZ)/%.o,$(wildcard Tests/Fuzz/*.c))

.PHONY: fuzz
## make fuzz        libFuzzer on FUZZ_TARGET=answers|csv|doors|json|webhooks for FUZZ_SECONDS=60
fuzz: swift-toolchain $(FUZZ)/fuzz-$(FUZZ_TARGET)
	@mkdir -p $(FUZZ)/$(FUZZ_TARGET)/corpus
	cd $(FUZZ)/$(FUZZ_TARGET) && ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 \
	    ../fuzz-$(FUZZ_TARGET) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 $(if $(wildcard Tests/Fuzz/$(FUZZ_TARGET).dict),-dict=$(abspath Tests/Fuzz/$(FUZZ_TARGET).dict)) \
	    $(FUZZ_FLAGS) corpus $(abspath Tests/Fuzz/seeds/$(FUZZ_TARGET))

# The same targets on the library that is shipped, which is compiled otherwise: each seed once, and
# so many inputs made of seeds. No libFuzzer, no sanitizer, some seconds.
FUZZ_TARGETS := answers csv doors json webhooks
FUZZ_INPUTS ?= 2000
FUZZ_SEED ?= $(TRILLET_TEST_SEED)
fuzz_seed := $(or $(FUZZ_SEED),$(shell date +%s))
REPLAY := $(FUZZ)/replay

$(REPLAY)/%: Tests/Fuzz/replay.c Tests/Fuzz/fuzz.c Tests/Fuzz/fuzz_%.c Tests/Fuzz/fuzz.h $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(FUZZ_C_FLAGS) $(filter %.c,$^) $(LIBRARY) \
	    -Wl,-rpath,$(abspath $(dir $(LIBRARY))) -o $@

.PHONY: fuzz-replay
fuzz-replay: $(FUZZ_TARGETS:%=$(REPLAY)/%)
	@for target in $(FUZZ_TARGETS); do \
	    $(REPLAY)/$$target $(fuzz_seed) $(FUZZ_INPUTS) $(REPLAY)/$$target-failed \
	        Tests/Fuzz/seeds/$$target/* && continue; \
	    echo "$$target: FUZZ_SEED=$(fuzz_seed) does it again; the input: $(REPLAY)/$$target-failed" >&2; \
	    exit 1; \
	done
