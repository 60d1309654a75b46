# Everything that ships, with a list of what is inside each file and the checksums of all.

# Parts with a rule file of their own, which a source tree may lack.
RELEASE_PARTS := tarball $(foreach part,wheel deb,\
    $(if $(wildcard Tools/make/$(part).mk),$(part)))

.PHONY: release
## make release     everything that ships, with SBOMs and SHA256SUMS, in build/release
release:
	@test -z "$$(git status --porcelain)" || { \
	    echo "There are changes that are not committed; a release is made from a commit." >&2; \
	    exit 1; }
	rm -rf $(RELEASE)
	@for part in $(RELEASE_PARTS); do $(MAKE) --no-print-directory $$part || exit 1; done
	$(MAKE) --no-print-directory release-lists

.PHONY: release-lists
release-lists:
	$(PYTHON) Tools/release/sbom.py --swiftc $(SWIFTC) $(RELEASE)
	cd $(RELEASE) && find . -maxdepth 1 -type f -not -name SHA256SUMS -printf '%f\n' \
	    | LC_ALL=C sort | xargs -d '\n' sha256sum > ../SHA256SUMS.new && mv -f ../SHA256SUMS.new SHA256SUMS

.PHONY: accept-abi
## make accept-abi  write down the binary interface that later builds are compared with
accept-abi: | $(STAMPS)/packages-package
	$(PYTHON) Tools/release/abi.py --accept

# Where the files of a release can be fetched from.
RELEASE_URL ?= file://$(abspath $(RELEASE))

.PHONY: ports
## make ports       the vcpkg port and the Conan recipe of `make tarball`, in build/ports (RELEASE_URL)
ports:
	$(PYTHON) Tools/release/ports.py $(TARBALL) $(BUILD)/ports --url $(RELEASE_URL)
