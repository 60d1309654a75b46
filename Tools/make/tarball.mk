# The archives for those who build with neither Debian nor Python: a tree that runs where it is
# unpacked, and the sources.

RELEASE := $(BUILD)/release
MACHINE := $(shell uname -m)
TREE := libtrillet-$(VERSION)-linux-$(MACHINE)
TARBALL := $(RELEASE)/$(TREE).tar.xz
SOURCE_TARBALL := $(RELEASE)/libtrillet-$(VERSION).tar.xz
STAGE := $(BUILD)/tarball

# The libraries of a release; where there are none, the one of this machine.
RELEASED_LIBRARY = $(or $(SYSTEM_LIBRARY),$(LIBRARY))
RELEASED_BUNDLED = $(BUNDLED_LIBRARY)

# The same bytes for the same files: sorted, of nobody, of the last commit's time.
PACK = tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=go-w,a+rX \
    --mtime=@$(SOURCE_DATE_EPOCH) -cf -
COMPRESS = XZ_OPT= xz -9 -T1

.PHONY: tarball
## make tarball     an archive of library, headers and manual, and one of the sources, in build/release
tarball: binary-tarball source-tarball

.PHONY: binary-tarball
binary-tarball: $(RELEASED_LIBRARY) $(RELEASED_BUNDLED)
	rm -rf $(STAGE)
	$(MAKE) --no-print-directory install DESTDIR=$(abspath $(STAGE)) PREFIX=/$(TREE) \
	    LIBDIR=/$(TREE)/lib INCLUDEDIR=/$(TREE)/include INSTALL_COMMANDS=no \
	    INSTALLED_LIBRARY=$(RELEASED_LIBRARY)
	$(if $(RELEASED_BUNDLED),install -d $(STAGE)/$(TREE)/lib/bundled && install -m 755 \
	    $(RELEASED_BUNDLED) $(STAGE)/$(TREE)/lib/bundled && install -m 644 \
	    $(RELEASED_BUNDLED).debug $(STAGE)/$(TREE)/lib/bundled && ln -s libtrillet.so.$(ABI) \
	    $(STAGE)/$(TREE)/lib/bundled/libtrillet.so)
	cp packaging/notices/library.txt $(STAGE)/$(TREE)/THIRD-PARTY-NOTICES
	$(if $(RELEASED_BUNDLED),$(PYTHON) Tools/release/notices.py bundled \
	    --sources $(BUNDLED_SOURCES) $(STAGE)/bundled-notices && \
	    cat $(STAGE)/bundled-notices >> $(STAGE)/$(TREE)/THIRD-PARTY-NOTICES)
	install -m 644 LICENSE $(STAGE)/$(TREE)/LICENSE
	install -m 644 packaging/tarball/README $(STAGE)/$(TREE)/README
	@mkdir -p $(RELEASE)
	$(PACK) -C $(STAGE) $(TREE) | $(COMPRESS) > $(TARBALL).new && mv -f $(TARBALL).new $(TARBALL)

.PHONY: source-tarball
source-tarball:
	@test -e .git || { echo "The archive of the sources is made from git, and this is no clone." >&2; \
	    exit 1; }
	@mkdir -p $(RELEASE)
	git -c tar.umask=0022 archive --format=tar --prefix=libtrillet-$(VERSION)/ HEAD | $(COMPRESS) \
	    > $(SOURCE_TARBALL).new && mv -f $(SOURCE_TARBALL).new $(SOURCE_TARBALL)
