# The two libraries that are released, from the objects of the ordinary build. `system` needs the
# machine's libcurl, whichever names its versions have; `bundled` has libcurl, TLS, HTTP/2 and zlib
# inside and shows none of them. Beside each lies what gdb wants to know of it.

RELEASE_LIBRARIES := $(BUILD)/release-libraries
SYSTEM_LIBRARY := $(RELEASE_LIBRARIES)/system/libtrillet.so.$(ABI)
BUNDLED_LIBRARY := $(RELEASE_LIBRARIES)/bundled/libtrillet.so.$(ABI)
BUNDLED_JOBS ?= 2

RELEASE_LINK_FLAGS := $(filter-out %--strip-all,$(LINK_FLAGS)) -Wl,--build-id=sha1

# $(call release-library,OBJECTS AND LIBRARIES,FILE): the library, stripped, and FILE.debug. Swift
# writes .debug_names and clang does not: gdb believes it and finds nothing of the rest.
define release-library
@mkdir -p $(dir $(2))
@echo "Linking $(2)"
$(Q)$(SWIFT_CLANG) -shared $(RELEASE_LINK_FLAGS) $(1) -o $(2).whole
$(Q)cd $(dir $(2)) && $(SWIFT_BIN)llvm-objcopy --only-keep-debug --remove-section=.debug_names \
    --compress-debug-sections=zlib $(notdir $(2)).whole $(notdir $(2)).debug
$(Q)cd $(dir $(2)) && $(SWIFT_BIN)llvm-objcopy --strip-all \
    --add-gnu-debuglink=$(notdir $(2)).debug $(notdir $(2)).whole $(notdir $(2)).new
$(Q)chmod 644 $(2).debug && rm $(2).whole && mv -f $(2).new $(2)
endef

# Functions without versions: a library that is linked with these takes them from every libcurl.so.4,
# whether its distribution gives them versions or not.
STUB_CURL := $(RELEASE_LIBRARIES)/stub/libcurl.so.4
$(STUB_CURL): $(OBJECTS)/trillet.o $(C_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(SWIFT_BIN)llvm-nm --undefined-only --no-sort --just-symbol-name --quiet $^ \
	    | grep '^curl_' | LC_ALL=C sort -u | sed 's/.*/void &(void); void &(void) {}/' > $(@D)/stub.c
	$(Q)$(SWIFT_CLANG) -shared -nostdlib -fuse-ld=lld -Wl,-soname,$(@F) $(@D)/stub.c -o $@

$(SYSTEM_LIBRARY): $(OBJECTS)/trillet.o $(C_OBJECTS) $(STUB_CURL) Sources/trillet.map $(MODE_STAMP) \
    Tools/make/release-libraries.mk
	$(call release-library,$(OBJECTS)/trillet.o $(C_OBJECTS) $(STUB_CURL),$@)

BUNDLED_SOURCES := $(BUILD)/bundled-sources
BUNDLED := $(BUNDLED_SOURCES)/archives
BUNDLED_OBJECTS := $(C_SOURCES:Sources/CTrillet/%.c=$(RELEASE_LIBRARIES)/objects/%.o)
BUNDLED_ARCHIVES := $(addprefix $(BUNDLED)/lib/,libcurl.a libnghttp2.a libssl.a libcrypto.a libz.a)

$(BUNDLED)/built: $(wildcard packaging/bundled/*) Tools/release/debian_sources.py \
    Tools/release/bundled_archives.py Sources/CTrillet/glibc_floor.h | $(STAMPS)/packages-bundled
	$(PYTHON) Tools/release/debian_sources.py $(BUNDLED_SOURCES)
	$(PYTHON) Tools/release/bundled_archives.py --sources $(BUNDLED_SOURCES) \
	    --clang $(SWIFT_CLANG) --jobs $(BUNDLED_JOBS) $(BUNDLED)
	@touch $@

$(BUNDLED_OBJECTS): $(RELEASE_LIBRARIES)/objects/%.o: Sources/CTrillet/%.c $(IMPORTED) \
    Sources/CTrillet/glibc_floor.h $(BUNDLED)/built
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(C_FLAGS) $(C_SIZE_FLAGS) $(WHOLE_FLAGS) $(DEBUG_FLAGS) $(GLIBC_FLOOR_FLAGS) -DTRILLET_BUNDLED \
	    -DCURL_STATICLIB -I$(BUNDLED)/include -ISources/CTrillet/include -c $< -o $@

# Until 2.34 threads were a library of their own, which libcurl brings along elsewhere. OpenSSL
# leaves memory behind at each unloading, so there is none.
BUNDLED_LINK_FLAGS := $(BUNDLED_ARCHIVES) -Wl,--exclude-libs,ALL -Wl,-z,nodelete \
    -Wl,--no-as-needed -l:libpthread.so.0

$(BUNDLED_LIBRARY): $(OBJECTS)/trillet.o $(BUNDLED_OBJECTS) $(BUNDLED)/built Sources/trillet.map \
    $(MODE_STAMP) Tools/make/release-libraries.mk
	$(call release-library,$(OBJECTS)/trillet.o $(BUNDLED_OBJECTS) $(BUNDLED_LINK_FLAGS),$@)

.PHONY: release-libraries
## make release-libraries  build the two libraries of a release into build/release-libraries
release-libraries: swift-toolchain $(SYSTEM_LIBRARY) $(BUNDLED_LIBRARY)
	@[ "$(MODE)" = embedded ] || { echo "A release is built with MODE=embedded." >&2; exit 1; }

# What is asserted of the files, and the suites that look at a host or at TLS, with each library.
RELEASE_SUITES ?= release c guest wire
RELEASE_NAMES ?= system bundled
RELEASE_TESTED = TRILLET_LIBRARY=$(abspath $(RELEASE_LIBRARIES))/$(1)/libtrillet.so.$(ABI)
RELEASE_CHECK = PYTHON=$(PYTHON) $(MAKE) -s check LIBRARY_DIR=$(abspath $(RELEASE_LIBRARIES))/$(1) \
    INCLUDE_DIR=$(abspath include) BUILD_DIR=$(abspath $(RELEASE_LIBRARIES))/tests/$(1)
RELEASE_PYTEST = $(call RELEASE_TESTED,$(1)) $(VENV)/bin/python -m pytest $(PYTEST_FLAGS)

run-release-release = $(call RELEASE_PYTEST,$(1)) Tests/Release
run-release-c = $(call RELEASE_CHECK,$(1)) -C Tests/C
run-release-guest = $(call RELEASE_CHECK,$(1)) -C Tests/Guest
run-release-wire = $(call RELEASE_PYTEST,$(1)) Tests/Wire $(WIRE_FLAGS)

define release-suite
.PHONY: test-release-$(1)-$(2)
test-release-$(1)-$(2): release-libraries $(VENV)/ready | $(STAMPS)/packages-test
	@echo "== $(2), with the $(1) library"
	$$(call run-release-$(2),$(1))
endef
$(foreach name,system bundled,$(foreach suite,release c guest wire,$(eval \
    $(call release-suite,$(name),$(suite)))))

.PHONY: test-release-libraries
## make test-release-libraries  run suites on the libraries of a release (half an hour;
##                  RELEASE_NAMES=system|bundled, RELEASE_SUITES=release|c|guest|wire)
test-release-libraries: $(foreach name,$(RELEASE_NAMES),\
    $(RELEASE_SUITES:%=test-release-$(name)-%))
