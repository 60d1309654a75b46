# The Debian packages, from what this Makefile has built: Debian has no compiler for Embedded Swift.

DEB := $(BUILD)/deb
RELEASE := $(BUILD)/release
DEB_SOURCE = $(DEB)/libtrillet-$(VERSION)
DEB_LIBRARY := $(DEB)/library/libtrillet.so.$(ABI)
DEB_RELEASES ?= bookworm trixie

# With the versions of Debian's libcurl, which dpkg-shlibdeps goes by, and with its symbols, which
# dh_strip puts into a package of their own.
$(DEB_LIBRARY): $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(SWIFT_CLANG) -shared $(filter-out %--strip-all,$(LINK_FLAGS)) \
	    -Wl,--build-id=sha1 $(OBJECTS)/trillet.o $(C_OBJECTS) $(CURL_LIBS) -o $@

.PHONY: deb
## make deb         build the Debian packages into build/release
deb: swift-toolchain $(DEB_LIBRARY) $(SANDBOX) | $(STAMPS)/packages-deb
	@[ "$(MODE)" = embedded ] || { echo "A release is built with MODE=embedded." >&2; exit 1; }
	@mkdir -p $(RELEASE) && rm -f $(DEB)/*.deb $(DEB)/*.changes
	$(PYTHON) Tools/release/debian_tree.py --version $(VERSION) \
	    --library $(DEB_LIBRARY) --sandbox $(SANDBOX) $(DEB_SOURCE)
	cd $(DEB_SOURCE) && env -u MAKEFLAGS -u MAKEOVERRIDES -u MAKELEVEL PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    dpkg-buildpackage -b -us -uc >../build.log 2>&1 || \
	    { tail -n 30 ../build.log >&2; exit 1; }
	rm -f $(RELEASE)/*.deb && cp $(DEB)/*.deb $(RELEASE)

.PHONY: check-deb
## make check-deb   lintian on the Debian packages, and a second build in another folder compared
check-deb: deb
	lintian --allow-root --fail-on warning,error $(DEB)/libtrillet_$(VERSION)-1_*.changes
	$(PYTHON) Tests/Debian/reproduced.py $(DEB_SOURCE) $(RELEASE)

.PHONY: test-deb
## make test-deb    install the Debian packages in Debian 12 and 13, and use them (as root)
test-deb: deb $(DISTRIBUTIONS)/wheels/ready | $(STAMPS)/packages-distributions
	@[ "$$(id -u)" -eq 0 ] || { \
	    echo "Folders with a Debian in them are made and entered as root: run it with sudo." >&2; \
	    exit 1; }
	@for release in $(DEB_RELEASES); do Tests/Distributions/make-root $$release \
	    $(DISTRIBUTIONS)/$$release $(DISTRIBUTIONS)/wheels $(SANDBOX) || exit 1; done
	$(PYTHON) Tests/Debian/run.py --packages $(RELEASE) --releases $(DEB_RELEASES)

.PHONY: test-image
## make test-image  do the steps of the sandbox's Dockerfile in a folder, and use it (as root)
test-image: deb | $(STAMPS)/packages-distributions
	@[ "$$(id -u)" -eq 0 ] || { echo "The folder is entered as root: run it with sudo." >&2; exit 1; }
	$(PYTHON) Tests/Debian/image.py packaging/docker/Dockerfile $(DEB)/roots/image
