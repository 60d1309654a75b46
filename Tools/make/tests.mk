# Each suite leaves a stamp when it has passed and is not run again while nothing that it looks at
# has changed. `make retest` runs all of them whatever the stamps say.

PASSED := $(BUILD)/passed
# Conformance data that is not part of the project; the suites say so when it is missing.
TRILLET_TEST_DATA ?= $(abspath ../shared/data)
export TRILLET_TEST_DATA

C_TEST_SOURCES := $(shell find Tests/C -type f)
GUEST_TEST_SOURCES := $(shell find Tests/Guest -type f -not -name '*.pyc')
CPP_TEST_SOURCES := $(shell find Tests/Cpp -type f)
CORE_TEST_SOURCES := $(shell find Tests/TrilletTests -type f)
SANDBOX_TEST_SOURCES := $(shell find Tests/Sandbox -type f -not -name '*.pyc')
RESILIENCE_TEST_SOURCES := $(shell find Tests/Resilience -type f -not -name '*.pyc')
WIRE_TEST_SOURCES := $(shell find Tests/Wire -type f -not -name '*.pyc' -not -path '*/.*')
LISTS_TEST_SOURCES := $(shell find Tests/Lists -type f -not -name '*.pyc' -not -path '*/.*')
CSV_TEST_SOURCES := $(shell find Tests/Csv -type f -not -name '*.pyc')
SOAK_TEST_SOURCES := $(shell find Tests/Soak -type f)
HOST_TEST_SOURCES := $(shell find Tests/Hosts -type f -not -name '*.pyc' -not -path '*/.*')
PACKAGE_TEST_SOURCES := $(shell find Tests/Package -type f)
PYTHON_SCRIPTS := $(wildcard Tools/python/*.py)
PYTHON_SOURCES := $(shell find bindings/python -type f -name '*.py' -o -name pyproject.toml)
EXAMPLES := $(shell find examples -type f)
BENCHMARK_SOURCES := $(shell find Tests/Benchmarks -type f -not -name '*.pyc' -not -path '*/.*')
HEADERS := include/trillet.h include/trillet.hpp include/trillet_sandbox.hpp

SUITES := generated lint core c guest hosts cpp sandbox python csv resilience wire lists soak \
    package instructions demo
# A program that traps would start a debugger that waits for a terminal.
export SWIFT_BACKTRACE := enable=no

.PHONY: test
## make test        run every test that something has changed for
test: swift-toolchain $(SUITES:%=$(PASSED)/%)
	@echo
	@echo "Every suite has passed: $(SUITES). (make retest runs them again.)"

.PHONY: retest
## make retest      run every test
retest:
	rm -rf $(PASSED)
	$(MAKE) test

.PHONY: $(SUITES:%=test-%)
## make test-SUITE  run one suite: generated lint core c guest hosts cpp sandbox python csv resilience
##                  wire lists soak package instructions demo
$(SUITES:%=test-%): test-%:
	rm -f $(PASSED)/$*
	$(MAKE) $(PASSED)/$*

define passed
@mkdir -p $(PASSED)
@touch $@
endef

$(VENV)/ready: Tests/requirements.txt | $(STAMPS)/packages-test
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

$(PASSED)/generated: $(shell find Tools/Tests -type f) $(DESCRIPTIONS) $(CODEGEN) $(VENV)/ready include/trillet.h Sources/trillet.map \
    $(wildcard Sources/Trillet/Generated/*) docs/reference.md $(PYTHON_SOURCES) \
    $(PYTHON_SCRIPTS)
	@echo "== generated: the description is valid, and what follows from it is committed"
	$(VENV)/bin/openapi-spec-validator $(DESCRIPTION)
	$(CODEGEN) --root . --check
	$(VENV)/bin/python Tools/python/blocking_twins.py --check
	$(SWIFT) build --package-path Tools --product trillet-toolsPackageTests
	$(SWIFT) test --package-path Tools --skip-build --quiet --disable-xctest
	$(passed)

.PHONY: phone-numbers
## make phone-numbers  write the table of national numbers from the metadata of phonenumbers
phone-numbers: $(VENV)/ready
	$(VENV)/bin/python Tools/phone-numbers/national_numbers.py

.PHONY: python-twins
## make python-twins  write the modules of Python's blocking client that follow from asyncio's
python-twins: $(VENV)/ready
	$(VENV)/bin/python Tools/python/blocking_twins.py

RUFF := $(abspath $(VENV))/bin/ruff
RUFF_SCRIPTS := $(RUFF) --config Tests/Sandbox/pyproject.toml

$(PASSED)/lint: $(SWIFT_SOURCES) $(CODEGEN_SOURCES) $(SANDBOX_SOURCES) $(CORE_TEST_SOURCES) \
    $(PYTHON_SOURCES) $(PYTHON_SCRIPTS) $(SANDBOX_TEST_SOURCES) $(RESILIENCE_TEST_SOURCES) $(LISTS_TEST_SOURCES) \
    $(HOST_TEST_SOURCES) $(CSV_TEST_SOURCES) $(WIRE_TEST_SOURCES) \
    $(BENCHMARK_SOURCES) $(C_SOURCES) $(wildcard Tools/checks/*) docs/decisions.md \
    $(VENV)/ready
	@echo "== lint: layers, swift format, ruff, mypy, rooms, decisions"
	$(VENV)/bin/python Tools/checks/layers.py
	$(SWIFT) format lint --strict -r Sources Tests Tools/Sources Package.swift Tools/Package.swift
	cd bindings/python && $(RUFF) check --quiet . && $(RUFF) format --quiet --check .
	$(VENV)/bin/python Tools/python/import_rooms.py
	$(RUFF) check --quiet Tests/Sandbox Tests/Resilience Tests/Wire Tests/Lists Tests/Csv \
	    Tests/Benchmarks
	$(RUFF) format --quiet --check Tests/Sandbox Tests/Resilience Tests/Wire Tests/Lists Tests/Csv \
	    Tests/Benchmarks
	$(RUFF_SCRIPTS) check --quiet examples Tests/Guest Tests/Distributions Tests/Hosts Tools
	$(RUFF_SCRIPTS) format --quiet --check examples Tests/Guest Tests/Distributions Tests/Hosts Tools
	cd bindings/python && ../../$(VENV)/bin/mypy --strict
	cd Tests/Resilience && ../../$(VENV)/bin/mypy
	cd Tests/Wire && ../../$(VENV)/bin/mypy
	cd Tests/Lists && ../../$(VENV)/bin/mypy
	cd Tests/Csv && ../../$(VENV)/bin/mypy
	cd Tests/Hosts && ../../$(VENV)/bin/mypy .
	$(VENV)/bin/mypy --config-file Tests/Benchmarks/pyproject.toml Tests/Benchmarks
	$(VENV)/bin/mypy --strict Tests/Guest/service.py Tests/Distributions/run.py \
	    Tools/phone-numbers/national_numbers.py Tools/checks/*.py
	$(PYTHON) Tools/checks/decisions.py
	$(VENV)/bin/mypy --strict Tools/python
	$(passed)

$(PASSED)/core: $(SWIFT_SOURCES) $(C_SOURCES) $(IMPORTED) $(CORE_TEST_SOURCES) Package.swift \
    | $(STAMPS)/packages-build
	@echo "== core: unit tests, in the ordinary build"
	$(SWIFT) test --quiet --disable-xctest
	$(passed)

TEST_DIRECTORIES = LIBRARY_DIR=$(abspath $(BUILD))/lib INCLUDE_DIR=$(abspath include) \
    BUILD_DIR=$(abspath $(BUILD))/tests

$(PASSED)/c: $(LIBRARY) $(HEADERS) $(C_TEST_SOURCES) | $(STAMPS)/packages-test
	@echo "== c: the built library through its C header"
	$(MAKE) -s -C Tests/C check $(TEST_DIRECTORIES)
	$(passed)

$(PASSED)/guest: $(LIBRARY) $(HEADERS) $(C_TEST_SOURCES) $(GUEST_TEST_SOURCES) | $(STAMPS)/packages-test
	@echo "== guest: the library does not hurt its host"
	PYTHON=$(PYTHON) $(MAKE) -s -C Tests/Guest check $(TEST_DIRECTORIES)
	$(passed)

HOST_TESTS = TRILLET_LIBRARY=$(abspath $(LIBRARY)) $(VENV)/bin/python -m pytest Tests/Hosts

$(PASSED)/hosts: $(LIBRARY) $(HOST_TEST_SOURCES) $(PYTHON_SOURCES) Tests/Guest/service.py \
    $(VENV)/ready
	@echo "== hosts: programs with a TLS of their own end while the client is busy"
	$(HOST_TESTS)
	$(passed)

.PHONY: test-hosts-long
## make test-hosts-long  each of these programs is ended 20 times
test-hosts-long: library $(VENV)/ready
	HOST_ROUNDS=20 $(HOST_TESTS)

$(PASSED)/cpp: $(LIBRARY) $(SANDBOX) $(HEADERS) $(CPP_TEST_SOURCES) | $(PASSED)/c
	@echo "== cpp: the C++ headers"
	TRILLET_SANDBOX=$(abspath $(SANDBOX)) $(MAKE) -s -C Tests/Cpp check $(TEST_DIRECTORIES)
	$(passed)

$(PASSED)/sandbox: $(SANDBOX) $(SANDBOX_TEST_SOURCES) $(VENV)/ready
	@echo "== sandbox: the service on this machine"
	TRILLET_SANDBOX=$(abspath $(SANDBOX)) $(VENV)/bin/python -m pytest -q Tests/Sandbox
	$(passed)

$(PASSED)/python: $(LIBRARY) $(SANDBOX) $(PYTHON_SOURCES) $(VENV)/ready
	@echo "== python: the package, against a recording server and the sandbox"
	cd bindings/python && export TRILLET_SANDBOX=$(abspath $(SANDBOX)) \
	    TRILLET_LIBRARY=$(abspath $(LIBRARY)) && ../../$(VENV)/bin/python -m pytest && \
	    ../../$(VENV)/bin/python -m pytest --without-msgspec
	$(passed)

CSV_TESTS = TRILLET_LIBRARY=$(abspath $(LIBRARY)) $(VENV)/bin/python -m pytest Tests/Csv

$(PASSED)/csv: $(LIBRARY) $(CSV_TEST_SOURCES) $(wildcard Tools/phone-numbers/*) $(VENV)/ready
	@echo "== csv: contact files, every rule, and Python's csv module beside them"
	$(CSV_TESTS) $(CSV_FLAGS)
	$(passed)

.PHONY: test-csv-long
## make test-csv-long  a million numbers of all countries, well written and damaged
test-csv-long: library $(VENV)/ready
	$(CSV_TESTS) -s -k test_no_accepted_number --numbers 1000000 $(CSV_FLAGS)

$(PASSED)/resilience: $(LIBRARY) $(SANDBOX) $(RESILIENCE_TEST_SOURCES) $(PYTHON_SOURCES) \
    docs/resilience.md $(VENV)/ready
	@echo "== resilience: nothing is done twice, nothing is lost, limits hold"
	TRILLET_SANDBOX=$(abspath $(SANDBOX)) TRILLET_LIBRARY=$(abspath $(LIBRARY)) \
	    $(VENV)/bin/python -m pytest Tests/Resilience
	$(passed)

WIRE_TESTS = TRILLET_LIBRARY=$(abspath $(LIBRARY)) $(VENV)/bin/python -m pytest Tests/Wire

$(PASSED)/wire: $(LIBRARY) $(HEADERS) $(WIRE_TEST_SOURCES) $(RESILIENCE_TEST_SOURCES) \
    $(PYTHON_SOURCES) docs/resilience.md $(VENV)/ready
	@echo "== wire: the promises hold over plain text, TLS 1.2, TLS 1.3 and HTTP/2"
	$(WIRE_TESTS) $(WIRE_FLAGS)
	$(passed)

.PHONY: test-wire-long
## make test-wire-long  the first calls of 6,000 clients through each door, and 10,000 faults
test-wire-long: library $(VENV)/ready
	$(WIRE_TESTS) --rounds 100 --faults 10000 $(WIRE_FLAGS)

$(PASSED)/lists: $(LIBRARY) $(SANDBOX) $(LISTS_TEST_SOURCES) $(RESILIENCE_TEST_SOURCES) \
    $(PYTHON_SOURCES) $(VENV)/ready
	@echo "== lists: pages, batches followed to their end, and their results"
	TRILLET_SANDBOX=$(abspath $(SANDBOX)) TRILLET_LIBRARY=$(abspath $(LIBRARY)) \
	    $(VENV)/bin/python -m pytest Tests/Lists
	$(passed)

$(PASSED)/soak: $(LIBRARY) $(SOAK_TEST_SOURCES) Tests/Wire/soak.py Tests/Wire/fronts.py
	@echo "== soak: requests, faults, cancelling and closing, all at once, for some seconds"
	$(MAKE) -s soak SOAK_FLAGS='--requests 60000'
	for wire in tls12 tls13 h2; do \
	    $(MAKE) -s soak WIRE=$$wire SOAK_FLAGS='--requests 20000' || exit 1; \
	done
	$(passed)

$(PASSED)/package: $(LIBRARY) $(HEADERS) $(PACKAGE_TEST_SOURCES) $(C_SOURCES) README.md Sources/trillet.pc.in
	@echo "== package: what is installed, and the code of the README"
	Tests/Package/run
	$(passed)

BENCHMARKS := $(BUILD)/benchmarks
# The distribution's, as libcurl and nginx are. One compiled without profile-guided optimization is
# a fifth slower.
BENCHMARK_PYTHON ?= $(or $(shell /usr/bin/python3 -c 'import ensurepip; print("/usr/bin/python3")' \
    2>/dev/null),$(PYTHON))
BENCHMARK_PROGRAMS = $(MAKE) -s -C Tests/Benchmarks LIBRARY_DIR=$(abspath $(BUILD))/lib \
    INCLUDE_DIR=$(abspath include) BUILD_DIR=$(abspath $(BENCHMARKS))

$(PASSED)/instructions: $(LIBRARY) $(HEADERS) $(BENCHMARK_SOURCES) | $(STAMPS)/packages-test
	@echo "== instructions: a call takes no more of them than is accepted"
	$(BENCHMARK_PROGRAMS) instruction-programs
	$(PYTHON) Tests/Benchmarks/instructions.py
	$(passed)

.PHONY: accept-instructions
## make accept-instructions  write down how many instructions a call takes
accept-instructions: library | $(STAMPS)/packages-test
	$(BENCHMARK_PROGRAMS) instruction-programs
	$(PYTHON) Tests/Benchmarks/instructions.py --accept

$(PASSED)/demo: $(LIBRARY) $(SANDBOX) $(HEADERS) $(EXAMPLES) $(PYTHON_SOURCES)
	@echo "== demo: the examples against the sandbox"
	$(MAKE) demo
	$(passed)

$(BENCHMARKS)/venv/ready: Tests/Benchmarks/requirements.txt | $(STAMPS)/packages-bench
	$(BENCHMARK_PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: bench
## make bench       compare with libcurl alone and other clients, write docs/benchmarks.md (20 minutes)
bench: library $(BENCHMARKS)/venv/ready
	$(BENCHMARK_PROGRAMS) programs
	$(BENCHMARKS)/venv/bin/python Tests/Benchmarks/run.py $(BENCH_FLAGS)

.PHONY: bench-sandbox
## make bench-sandbox  measure the sandbox against its web server and its database alone
bench-sandbox: $(SANDBOX) $(BASELINE) $(STAMPS)/packages-bench
	$(PYTHON) Tests/Benchmarks/sandbox.py $(BENCH_FLAGS)
