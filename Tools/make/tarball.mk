# The archives for those who build with neither Debian nor Python: a tree that runs where it is
# unpacked, and the sources.

RELEASE := $(BUILD)/release
MACHINE := $(shell uname -m)
TREE := libtrillet-$(VERSION)-linux-$(MACHINE)
TARBALL := $(RELEASE)/$(TREE).tar.xz
SANDBOX_TREE := trillet-sandbox-$(VERSION)-linux-$(MACHINE)
SANDBOX_TARBALL := $(RELEASE)/$(SANDBOX_TREE).tar.xz
SOURCE_TARBALL := $(RELEASE)/libtrillet-$(VERSION).tar.xz
STAGE := $(BUILD)/tarball
SANDBOX_STAGE := $(BUILD)/sandbox-tarball

# The libraries of a release; where there are none, the one of this machine.
RELEASED_LIBRARY = $(or $(SYSTEM_LIBRARY),$(LIBRARY))
RELEASED_BUNDLED = $(BUNDLED_LIBRARY)

# The same bytes for the same files: sorted, of nobody, of the last commit's time.
PACK = tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=go-w,a+rX \
    --mtime=@$(SOURCE_DATE_EPOCH) -cf -
COMPRESS = XZ_OPT= xz -9 -T1

.PHONY: tarball
## make tarball     archives of library and headers, of the sandbox and of the sources, in build/release
tarball: binary-tarball sandbox-tarball source-tarball

.PHONY: binary-tarball
binary-tarball: $(RELEASED_LIBRARY) $(RELEASED_BUNDLED) \
    $(if $(RELEASED_BUNDLED),$(BUILD)/notices/bundled)
	rm -rf $(STAGE)
	$(MAKE) --no-print-directory install DESTDIR=$(abspath $(STAGE)) PREFIX=/$(TREE) \
	    LIBDIR=/$(TREE)/lib INCLUDEDIR=/$(TREE)/include INSTALL_COMMANDS=no \
	    INSTALLED_LIBRARY=$(RELEASED_LIBRARY)
	$(if $(RELEASED_BUNDLED),install -d $(STAGE)/$(TREE)/lib/bundled && install -m 755 \
	    $(RELEASED_BUNDLED) $(STAGE)/$(TREE)/lib/bundled && install -m 644 \
	    $(RELEASED_BUNDLED).debug $(STAGE)/$(TREE)/lib/bundled && ln -s libtrillet.so.$(ABI) \
	    $(STAGE)/$(TREE)/lib/bundled/libtrillet.so)
	cp packaging/notices/library.txt $(STAGE)/$(TREE)/THIRD-PARTY-NOTICES
	$(if $(RELEASED_BUNDLED),cat $(BUILD)/notices/bundled >> $(STAGE)/$(TREE)/THIRD-PARTY-NOTICES)
	install -m 644 LICENSE $(STAGE)/$(TREE)/LICENSE
	install -m 644 packaging/tarball/README $(STAGE)/$(TREE)/README
	@mkdir -p $(RELEASE)
	$(PACK) -C $(STAGE) $(TREE) | $(COMPRESS) > $(TARBALL).new && mv -f $(TARBALL).new $(TARBALL)

# With the program of the wheel, which runs without a libcurl and with an old glibc.
.PHONY: sandbox-tarball
sandbox-tarball: $(RELEASE_SANDBOX) $(BUILD)/notices/sandbox
	@# A make of its own: this one may have begun without a sandbox, and so without its pages.
	$(MAKE) --no-print-directory manual
	rm -rf $(SANDBOX_STAGE)/$(SANDBOX_TREE)
	install -d $(addprefix $(SANDBOX_STAGE)/$(SANDBOX_TREE)/,bin share/man/man1 \
	    share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install -m 755 $(RELEASE_SANDBOX) $(SANDBOX_STAGE)/$(SANDBOX_TREE)/bin/trillet-sandbox
	install -m 644 $(BUILD)/notices/sandbox $(SANDBOX_STAGE)/$(SANDBOX_TREE)/THIRD-PARTY-NOTICES
	install -m 644 LICENSE $(SANDBOX_STAGE)/$(SANDBOX_TREE)/LICENSE
	cd $(SANDBOX_STAGE)/$(SANDBOX_TREE)/share && install -m 644 \
	    $(abspath $(MANUAL))/man1/trillet-sandbox.1 man/man1 && install -m 644 \
	    $(abspath $(COMPLETIONS))/bash/trillet-sandbox bash-completion/completions && install -m 644 \
	    $(abspath $(COMPLETIONS))/zsh/_trillet-sandbox zsh/site-functions && install -m 644 \
	    $(abspath $(COMPLETIONS))/fish/trillet-sandbox.fish fish/vendor_completions.d
	@mkdir -p $(RELEASE)
	$(PACK) -C $(SANDBOX_STAGE) $(SANDBOX_TREE) | $(COMPRESS) > $(SANDBOX_TARBALL).new && \
	    mv -f $(SANDBOX_TARBALL).new $(SANDBOX_TARBALL)

.PHONY: source-tarball
source-tarball:
	@test -e .git || { echo "The archive of the sources is made from git, and this is no clone." >&2; \
	    exit 1; }
	@mkdir -p $(RELEASE)
	git -c tar.umask=0022 archive --format=tar --prefix=libtrillet-$(VERSION)/ HEAD | $(COMPRESS) \
	    > $(SOURCE_TARBALL).new && mv -f $(SOURCE_TARBALL).new $(SOURCE_TARBALL)
