# The artifacts where strangers are. Not part of `make test`: it needs root, Debian folders, and what
# `make release` has made.

# For instance --only archive wheel, --places bare.
RELEASE_FLAGS ?=

.PHONY: test-release
## make test-release  use what is in build/release in Debian 11, 12 and 13, and without libcurl (as root;
##                  RELEASE_FLAGS='--only archive wheel --places bare')
test-release: $(DISTRIBUTIONS)/wheels/ready | $(STAMPS)/packages-distributions
	@[ "$$(id -u)" -eq 0 ] || { \
	    echo "Folders with a Debian in them are made and entered as root: run it with sudo." >&2; \
	    exit 1; }
	@[ -f $(RELEASE)/SHA256SUMS ] || { echo "There is no release to try: make release" >&2; exit 1; }
	@for release in $(DISTRIBUTION_RELEASES); do Tests/Distributions/make-root $$release \
	    $(DISTRIBUTIONS)/$$release $(DISTRIBUTIONS)/wheels $(SANDBOX) || exit 1; done
	PYTHONPATH=Tests/Support/python:Tests/Wire:bindings/python/tests $(VENV)/bin/python Tests/Release/run.py \
	    --release $(RELEASE) $(RELEASE_FLAGS)

# For instance --against build/release, which is one build instead of two.
REPRODUCIBLE_FLAGS ?=

.PHONY: test-reproducible
## make test-reproducible  `make release` of HEAD in two folders, compared (half an hour on two cores)
test-reproducible:
	$(PYTHON) Tests/Release/reproducible.py $(REPRODUCIBLE_FLAGS)
