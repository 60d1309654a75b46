# What `make install` puts where, and `make uninstall` removes. Everything finds the rest by its own
# place, so that an installed tree can be moved.

BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/trillet
PKGCONFIGDIR := $(LIBDIR)/pkgconfig
CMAKEDIR := $(LIBDIR)/cmake/trillet
BASH_COMPLETIONS := $(DATADIR)/bash-completion/completions
ZSH_COMPLETIONS := $(DATADIR)/zsh/site-functions
FISH_COMPLETIONS := $(DATADIR)/fish/vendor_completions.d

# Another build of the library, such as one of a release.
INSTALLED_LIBRARY ?= $(LIBRARY)
# What belongs to the commands; `no` leaves out the sandbox, too.
INSTALL_COMMANDS ?= yes

INSTALLED_HEADERS := trillet.h trillet.hpp trillet_requests.hpp trillet_sandbox.hpp

# $(call from,FOLDER,OTHER): the way to the other, written relative to the first.
from = $(shell realpath -ms --relative-to='$(1)' '$(2)')
to = "$(DESTDIR)$(1)"

FILLED_IN = sed -e 's|@VERSION@|$(VERSION)|' -e 's|@ABI@|$(ABI)|'

.PHONY: install install-library install-commands
## make install     put library, headers, manual and what CMake and pkg-config read below PREFIX
install: install-library $(if $(filter yes,$(INSTALL_COMMANDS)),install-commands)
ifeq ($(DESTDIR),)
	@ldconfig 2>/dev/null || true
endif

install-library: $(if $(filter $(LIBRARY),$(INSTALLED_LIBRARY)),library) $(INSTALLED_LIBRARY) \
    $(MANUAL)/made
	install -d $(call to,$(PKGCONFIGDIR)) $(call to,$(CMAKEDIR)) $(call to,$(INCLUDEDIR)/trillet) \
	    $(call to,$(DATADIR)/trillet) $(call to,$(MANDIR)/man3) $(call to,$(DOCDIR))
	install -m 755 $(INSTALLED_LIBRARY) $(call to,$(LIBDIR)/libtrillet.so.$(VERSION))
	ln -sf libtrillet.so.$(VERSION) $(call to,$(LIBDIR)/libtrillet.so.$(ABI))
	ln -sf libtrillet.so.$(ABI) $(call to,$(LIBDIR)/libtrillet.so)
	$(if $(wildcard $(INSTALLED_LIBRARY).debug),install -m 644 $(INSTALLED_LIBRARY).debug \
	    $(call to,$(LIBDIR)/libtrillet.so.$(ABI).debug))
	install -m 644 $(INSTALLED_HEADERS:%=include/%) $(call to,$(INCLUDEDIR))
	install -m 644 packaging/clang/module.modulemap $(call to,$(INCLUDEDIR)/trillet)
	install -m 644 Sources/thread-sanitizer.supp $(call to,$(DATADIR)/trillet)
	install -m 644 LICENSE CHANGELOG.md $(call to,$(DOCDIR))
	install -m 644 $(MANUAL)/man3/*.3 $(call to,$(MANDIR)/man3)
	$(FILLED_IN) -e 's|@PREFIX@|$${pcfiledir}/$(call from,$(PKGCONFIGDIR),$(PREFIX))|' \
	    -e 's|@LIBDIR@|$${prefix}/$(call from,$(PREFIX),$(LIBDIR))|' \
	    -e 's|@INCLUDEDIR@|$${prefix}/$(call from,$(PREFIX),$(INCLUDEDIR))|' \
	    Sources/trillet.pc.in > $(call to,$(PKGCONFIGDIR)/trillet.pc)
	$(FILLED_IN) -e 's|@INCLUDEDIR@|$(call from,$(CMAKEDIR),$(INCLUDEDIR))|' \
	    packaging/cmake/trillet-config.cmake.in > $(call to,$(CMAKEDIR)/trillet-config.cmake)
	$(FILLED_IN) packaging/cmake/trillet-config-version.cmake.in \
	    > $(call to,$(CMAKEDIR)/trillet-config-version.cmake)
	chmod 644 $(call to,$(PKGCONFIGDIR)/trillet.pc) $(call to,$(CMAKEDIR))/*.cmake

install-commands: $(MANUAL)/made $(COMPLETIONS)/made
	install -d $(call to,$(BINDIR)) $(call to,$(MANDIR)/man1) $(call to,$(BASH_COMPLETIONS)) \
	    $(call to,$(ZSH_COMPLETIONS)) $(call to,$(FISH_COMPLETIONS))
	install -m 644 $(MANUAL)/man1/*.1 $(call to,$(MANDIR)/man1)
	install -m 644 $(COMPLETIONS)/bash/* $(call to,$(BASH_COMPLETIONS))
	install -m 644 $(COMPLETIONS)/zsh/* $(call to,$(ZSH_COMPLETIONS))
	install -m 644 $(COMPLETIONS)/fish/* $(call to,$(FISH_COMPLETIONS))
	$(if $(BUILT_SANDBOX),install -m 755 $(BUILT_SANDBOX) $(call to,$(BINDIR)))
	@$(if $(BUILT_SANDBOX),,echo "The sandbox is not built: 'make tools' builds it.")
	@echo "The command trillet comes with the Python package: pip install ./bindings/python"

COMMANDS := trillet trillet-sandbox

.PHONY: uninstall
## make uninstall   remove what make install has put there; with the same PREFIX and folders
uninstall:
	rm -f $(call to,$(LIBDIR))/libtrillet.so $(call to,$(LIBDIR))/libtrillet.so.$(ABI) \
	    $(call to,$(LIBDIR))/libtrillet.so.$(VERSION) $(call to,$(LIBDIR))/libtrillet.so.$(ABI).debug \
	    $(call to,$(PKGCONFIGDIR)/trillet.pc) $(foreach header,$(INSTALLED_HEADERS),\
	    $(call to,$(INCLUDEDIR)/$(header))) $(call to,$(BINDIR)/trillet-sandbox)
	rm -f $(call to,$(MANDIR)/man3)/trillet.h.3 $(call to,$(MANDIR)/man3)/trillet_*.3 \
	    $(foreach command,$(COMMANDS),$(call to,$(MANDIR)/man1/$(command).1) \
	    $(call to,$(BASH_COMPLETIONS)/$(command)) $(call to,$(ZSH_COMPLETIONS)/_$(command)) \
	    $(call to,$(FISH_COMPLETIONS)/$(command).fish))
	rm -rf $(call to,$(DATADIR)/trillet) $(call to,$(CMAKEDIR)) $(call to,$(INCLUDEDIR)/trillet) \
	    $(call to,$(DOCDIR))
