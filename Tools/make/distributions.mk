# The suites against the libcurl of other Debian releases. Not part of `make test`: it downloads
# three of them, once, needs root, and runs for three quarters of an hour.

DISTRIBUTIONS := $(BUILD)/distributions
DISTRIBUTION_RELEASES ?= bullseye bookworm trixie
# For instance --suites c guest, --write-table.
DISTRIBUTION_FLAGS ?=

$(DISTRIBUTIONS)/wheels/ready: Tests/Distributions/requirements.txt $(VENV)/ready
	rm -rf $(@D) && mkdir -p $(@D)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
	    --only-binary=:all: --python-version 3.9 --target $(@D) -r $<
	@touch $@

.PHONY: test-distributions
## make test-distributions  run suites against the libcurl of Debian 11, 12 and 13 (as root)
test-distributions: $(LIBRARY) $(SANDBOX) $(DISTRIBUTIONS)/wheels/ready | $(STAMPS)/packages-distributions
	@[ "$$(id -u)" -eq 0 ] || { \
	    echo "Folders with a Debian in them are made and entered as root: run it with sudo." >&2; \
	    exit 1; }
	@for release in $(DISTRIBUTION_RELEASES); do Tests/Distributions/make-root $$release \
	    $(DISTRIBUTIONS)/$$release $(DISTRIBUTIONS)/wheels $(SANDBOX) || exit 1; done
	PYTHONPATH=Tests/Support/python $(PYTHON) Tests/Distributions/run.py --releases $(DISTRIBUTION_RELEASES) $(DISTRIBUTION_FLAGS)
