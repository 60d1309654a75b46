OBJECTS := $(BUILD)/objects/$(MODE)

SWIFT_SOURCES := $(sort $(shell find Sources/Trillet -name '*.swift'))
C_SOURCES := $(wildcard Sources/CTrillet/*.c)
C_OBJECTS := $(C_SOURCES:Sources/CTrillet/%.c=$(OBJECTS)/%.o)
IMPORTED := $(wildcard Sources/CTrillet/include/*) include/trillet.h

CURL_CFLAGS = $(shell pkg-config --cflags libcurl)
CURL_LIBS = $(shell pkg-config --libs libcurl)

SWIFT_FLAGS := -swift-version 6 -parse-as-library -module-name Trillet -Osize -wmo \
    -I Sources/CTrillet/include -warnings-as-errors
# LLVM does not inline what Swift's own optimizer has not. docs/decisions.md, inlining.
SIZE_FLAGS := -Xllvm -inline-threshold=0
C_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -fPIC -fvisibility=hidden -Wall -Wextra -pedantic -Werror \
    -ffunction-sections -fdata-sections
# What runs seldom is made small: 7 KB less.
SELDOM := authorities catalogue downloads exit files flood lookups outputs refusal secrets system thread \
    tls unknown_field uploads
C_SIZE_FLAGS = $(if $(filter $(SELDOM),$(basename $(@F))),-Oz)
# Where things are, for gdb; it does not change the code, and is not in the library itself. Valgrind of
# Debian 12 does not read DWARF 5.
DEBUG_FLAGS := -gline-tables-only -gdwarf-4 -ffile-prefix-map=$(CURDIR)=.
# Nobody unwinds through the core: tables of the shims would be 8 KB for nothing. docs/decisions.md, debug-frame.
DEBUG_FLAGS += -fno-asynchronous-unwind-tables
# Clang's few inline functions in the core would bring tables for all of it.
SWIFT_DEBUG_FLAGS := -gline-tables-only -file-prefix-map $(CURDIR)=. \
    -Xfrontend -no-clang-module-breadcrumbs -Xcc -fno-asynchronous-unwind-tables
# What is shipped runs with a glibc older than this machine's; a linked Swift runtime would not.
GLIBC_FLOOR_FLAGS := $(if $(filter embedded,$(MODE)),\
    -DTRILLET_GLIBC_FLOOR -include Sources/CTrillet/glibc_floor.h)

# Exactly the functions of trillet.h: a name in the list that no object defines ends the link.
LINK_FLAGS := -fuse-ld=lld -Wl,-soname,libtrillet.so.$(ABI) \
    -Wl,--version-script=Sources/trillet.map -Wl,--no-undefined-version -Wl,-z,defs \
    -Wl,--wrap=posix_memalign -Wl,--wrap=free -Wl,--gc-sections -Wl,--icf=all -Wl,-O2 \
    -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,--strip-all

# The linker optimizes core and shims as one program. docs/decisions.md, link-time.
ifeq ($(MODE),embedded)
WHOLE_FLAGS := -flto
LINK_FLAGS += -Wl,--lto-O2 -Wl,-mllvm,-inline-threshold=0
endif

# Changes its time when the mode does, so that the other mode's library is not taken for this one.
MODE_STAMP := $(STAMPS)/mode-$(MODE)
$(MODE_STAMP):
	@mkdir -p $(STAMPS) && rm -f $(STAMPS)/mode-* && touch $@

.PHONY: library
## make             build the shared library into build/lib
library: swift-toolchain $(LIBRARY)

$(C_OBJECTS): $(OBJECTS)/%.o: Sources/CTrillet/%.c $(IMPORTED) Sources/CTrillet/glibc_floor.h \
    Tools/make/library.mk | $(STAMPS)/packages-build
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) $(C_FLAGS) $(C_SIZE_FLAGS) $(WHOLE_FLAGS) $(DEBUG_FLAGS) $(GLIBC_FLOOR_FLAGS) $(CURL_CFLAGS) -ISources/CTrillet/include -c $< -o $@

ifeq ($(MODE),embedded)

$(OBJECTS)/trillet.o: $(SWIFT_SOURCES) $(IMPORTED) Tools/make/tight-texts.sed \
    Tools/make/library.mk | $(STAMPS)/packages-build
	@mkdir -p $(@D)
	@echo "Compiling the core ($(MODE))"
	$(Q)$(SWIFTC) $(SWIFT_FLAGS) $(SWIFT_DEBUG_FLAGS) $(SIZE_FLAGS) \
	    -enable-experimental-feature Embedded \
	    -Xfrontend -function-sections -emit-ir $(SWIFT_SOURCES) -o $(@:.o=.ll)
	$(Q)sed -E -i -f Tools/make/tight-texts.sed $(@:.o=.ll)
	$(Q)$(SWIFT_CLANG) -x ir -c $(@:.o=.ll) $(WHOLE_FLAGS) -O2 -Xclang -disable-llvm-passes -o $@

$(LIBRARY): $(OBJECTS)/trillet.o $(C_OBJECTS) Sources/trillet.map $(MODE_STAMP)
	@mkdir -p $(@D)
	@echo "Linking $@"
	$(Q)$(SWIFT_CLANG) -shared $(LINK_FLAGS) $(OBJECTS)/trillet.o $(C_OBJECTS) $(CURL_LIBS) -o $@.new
	$(Q)mv -f $@.new $@
	$(Q)ln -sf $(@F) $(@D)/libtrillet.so

else ifeq ($(MODE),ordinary)

$(LIBRARY): $(SWIFT_SOURCES) $(C_OBJECTS) $(IMPORTED) Sources/trillet.map $(MODE_STAMP)
	@mkdir -p $(@D)
	@echo "Building $@ ($(MODE))"
	$(Q)$(SWIFTC) $(SWIFT_FLAGS) -static-stdlib -emit-library $(SWIFT_SOURCES) $(C_OBJECTS) \
	    $(addprefix -Xclang-linker ,$(LINK_FLAGS)) $(CURL_LIBS) -o $@.new
	$(Q)mv -f $@.new $@
	$(Q)ln -sf $(@F) $(@D)/libtrillet.so

else
$(error MODE is embedded or ordinary, not '$(MODE)')
endif
