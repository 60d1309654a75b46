# How suites are run; suites.mk says which there are. Each leaves a stamp when it has passed and is
# not run again while nothing that it looks at has changed. `make retest` runs all of them whatever
# the stamps say.

PASSED := $(BUILD)/passed
# Conformance data that is not part of the project; the suites say so when it is missing.
TRILLET_TEST_DATA ?= $(abspath ../shared/data)
export TRILLET_TEST_DATA
# How many suites run at the same time. Half of what they do is waiting.
TEST_JOBS ?= 2

# A program that traps would start a debugger that waits for a terminal.
export SWIFT_BACKTRACE := enable=no

$(VENV)/ready: Tests/requirements.txt | $(STAMPS)/packages-test
	$(call no-install,$(VENV),$<)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

# $(call files,FOLDER…): everything in them that a suite may look at.
files = $(shell find $(1) -type f -not -name '*.pyc' -not -path '*/.*')

PYTHON_SOURCES := $(shell find bindings/python -type f -name '*.py' -o -name pyproject.toml)
HEADERS := $(wildcard include/*.h include/*.hpp)
# What the suites in Python share, and with the Python package's own.
PYTHON_SUPPORT := $(call files,Tests/Support/python) Tests/pyproject.toml $(PYTHON_SOURCES) \
    $(VENV)/ready

TESTED = TRILLET_LIBRARY=$(abspath $(LIBRARY)) TRILLET_SANDBOX=$(abspath $(SANDBOX))
# A suite in Python is one run of pytest over a folder; PYTEST_FLAGS go to all of them.
PYTEST = $(TESTED) $(abspath $(VENV))/bin/python -m pytest $(PYTEST_FLAGS)
# A suite in C or C++ has a Makefile.
CHECK = check LIBRARY_DIR=$(abspath $(BUILD))/lib INCLUDE_DIR=$(abspath include) \
    BUILD_DIR=$(abspath $(BUILD))/tests

# $(eval $(call suite,NAME)) makes one of title-NAME, looks-NAME (what it looks at: files, and what
# must be built before) and run-NAME, the lines of its recipe.
define suite
SUITES += $(1)
$$(PASSED)/$(1): $(looks-$(1)) | $$(STAMPS)/packages-test
	@echo "== $(1): $(title-$(1))"
$(value run-$(1))
	@mkdir -p $$(PASSED) && touch $$@
endef

SUITES :=
include Tools/make/suites.mk

.PHONY: test
## make test        run every test that something has changed for, TEST_JOBS=2 suites at a time
test: swift-toolchain
	@+$(MAKE) --no-print-directory -j$(TEST_JOBS) --output-sync=recurse $(SUITES:%=$(PASSED)/%)
	@echo
	@echo "Every suite has passed: $(SUITES). (make retest runs them again.)"

.PHONY: retest
## make retest      run every test
retest:
	rm -rf $(PASSED)
	$(MAKE) test

.PHONY: $(SUITES:%=test-%)
## make test-SUITE  run one suite; make suites lists them
$(SUITES:%=test-%): test-%: swift-toolchain
	rm -f $(PASSED)/$*
	$(MAKE) $(PASSED)/$*

.PHONY: suites
suites:
	@$(foreach suite,$(SUITES),printf '%-14s %s\n' '$(suite)' '$(title-$(suite))';)

.PHONY: phone-numbers
## make phone-numbers  write the tables of national numbers and time zones from phonenumbers
phone-numbers: $(VENV)/ready
	$(VENV)/bin/python Tools/phone-numbers/national_numbers.py
	$(VENV)/bin/python Tools/phone-numbers/time_zones.py

.PHONY: python-twins
## make python-twins  write the modules of Python's blocking client that follow from asyncio's
python-twins: $(VENV)/ready
	$(VENV)/bin/python Tools/python/blocking_twins.py

.PHONY: test-hosts-long
## make test-hosts-long  end each host of a library with TLS of its own 20 times
test-hosts-long: library $(VENV)/ready
	HOST_ROUNDS=20 $(PYTEST) Tests/Hosts

.PHONY: test-csv-long
## make test-csv-long  a million numbers of all countries, well written and damaged
test-csv-long: library $(VENV)/ready
	$(PYTEST) Tests/Csv -s -k test_no_accepted_number --numbers 1000000 $(CSV_FLAGS)

.PHONY: test-wire-long
## make test-wire-long  the first calls of 6,000 clients through each door, and 10,000 faults
test-wire-long: library $(VENV)/ready
	$(PYTEST) Tests/Wire --rounds 100 --faults 10000 $(WIRE_FLAGS)

BENCHMARKS := $(BUILD)/benchmarks
# The distribution's, as libcurl and nginx are. One compiled without profile-guided optimization is
# a fifth slower.
BENCHMARK_PYTHON ?= $(or $(shell /usr/bin/python3 -c 'import ensurepip; print("/usr/bin/python3")' \
    2>/dev/null),$(PYTHON))
BENCHMARK_PROGRAMS = $(MAKE) -s -C Tests/Benchmarks LIBRARY_DIR=$(abspath $(BUILD))/lib \
    INCLUDE_DIR=$(abspath include) BUILD_DIR=$(abspath $(BENCHMARKS))

.PHONY: accept-instructions
## make accept-instructions  write down how many instructions a call takes
accept-instructions: library | $(STAMPS)/packages-test
	$(BENCHMARK_PROGRAMS) instruction-programs
	$(PYTHON) Tests/Benchmarks/instructions.py --accept

$(BENCHMARKS)/venv/ready: Tests/Benchmarks/requirements.txt | $(STAMPS)/packages-bench
	$(call no-install,$(BENCHMARKS)/venv,$<)
	$(BENCHMARK_PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: bench
## make bench       compare with libcurl alone and other clients, write docs/benchmarks.md (30 minutes)
bench: library $(BENCHMARKS)/venv/ready
	$(BENCHMARK_PROGRAMS) programs
	$(BENCHMARKS)/venv/bin/python Tests/Benchmarks/run.py $(BENCH_FLAGS)

.PHONY: bench-sandbox
## make bench-sandbox  measure the sandbox against its web server and its database alone
bench-sandbox: $(SANDBOX) $(BASELINE) $(STAMPS)/packages-bench
	PYTHONPATH=Tests/Support/python $(PYTHON) Tests/Benchmarks/sandbox.py $(BENCH_FLAGS)

CAMPAIGN_VENV := $(BENCHMARKS)/campaign-venv

$(CAMPAIGN_VENV)/ready: Tests/Benchmarks/requirements-campaign.txt | $(STAMPS)/packages-bench
	$(call no-install,$(CAMPAIGN_VENV),$<)
	$(BENCHMARK_PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: bench-campaign
## make bench-campaign  measure campaigns beside bare databases, Celery and DBOS (15 minutes)
bench-campaign: library $(SANDBOX) $(CAMPAIGN_VENV)/ready
	$(CAMPAIGN_VENV)/bin/python Tests/Benchmarks/campaign.py $(BENCH_FLAGS)
