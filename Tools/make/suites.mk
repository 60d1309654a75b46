# The suites of `make test`, those that say something soonest first and then the long ones, so that
# no long one is left alone at the end. A suite is described here and nowhere else in the build;
# Tests/README.md says what belongs into which.

RUFF := $(abspath $(VENV))/bin/ruff
MYPY := $(VENV)/bin/mypy --config-file Tests/pyproject.toml
# One run for each: a module has its name from its folder, and all have a conftest.
TYPED_FOLDERS := $(sort $(dir $(wildcard Tests/*/*.py Tests/Support/python/*.py Tools/*/*.py)))

SWIFT_BINDING := $(call files,bindings/swift examples/swift-contacts)

# What goes through the engine runs once more with clients that the tests drive themselves.
DRIVEN := TRILLET_TEST_ENGINE=caller

title-lint := layers, sizes, formats, types, rooms, decisions, workflows, the programs in the documents
looks-lint := $(SWIFT_SOURCES) $(CODEGEN_SOURCES) $(SANDBOX_SOURCES) $(PYTHON_SUPPORT) \
    $(shell find Tests Tools examples packaging -name '*.py' -not -path '*/.*') \
    $(call files,Tests) $(C_SOURCES) $(HEADERS) $(SWIFT_BINDING) \
    $(wildcard *.md docs/*.md bindings/*/README.md) \
    $(wildcard Tools/page-check/* Tools/make/* .github/workflows/*)
define run-lint
	$(VENV)/bin/python Tools/checks/layers.py
	$(VENV)/bin/python Tools/checks/sizes.py
	$(SWIFT) format lint --strict -r Sources Tests Tools/Sources Package.swift Tools/Package.swift \
	    bindings/swift examples
	cd bindings/python && $(RUFF) check --quiet . && $(RUFF) format --quiet --check .
	$(VENV)/bin/python Tools/checks/import_rooms.py
	$(RUFF) check --quiet Tests
	$(RUFF) format --quiet --check Tests
	$(RUFF) --config Tests/pyproject.toml check --quiet examples Tools packaging
	$(RUFF) --config Tests/pyproject.toml format --quiet --check examples Tools packaging
	cd bindings/python && ../../$(VENV)/bin/mypy --strict
	@for folder in $(TYPED_FOLDERS); do echo "mypy $$folder"; $(MYPY) $$folder || exit 1; done
	$(PYTHON) Tools/checks/decisions.py
	$(VENV)/bin/python -m check_jsonschema --quiet --builtin-schema vendor.github-workflows \
	    .github/workflows/*.yml
	$(VENV)/bin/python Tools/checks/workflows.py
	$(PYTHON) Tools/release/site_sources.py $(BUILD)/docs
	$(PYTHON) Tools/checks/snippets.py
	$(VENV)/bin/python Tools/checks/typed_snippets.py
	tsc -p Tools/page-check
	! grep -nE '^(<<<<<<<|>>>>>>>) ' *.md docs/*.md bindings/*/README.md
endef
$(eval $(call suite,lint))

# After the sandbox: two builds in one folder would wait for each other.
title-generated := the description is valid, and what follows from it is committed
looks-generated := $(call files,Tools/Tests) $(DESCRIPTIONS) $(CODEGEN) $(SANDBOX) $(VENV)/ready \
    include/trillet.h Sources/trillet.map $(wildcard Sources/Trillet/Generated/*) \
    docs/reference.md docs/command-reference.md $(wildcard Tools/release/command_*.py) $(PYTHON_SOURCES) $(wildcard Tools/python/*.py)
define run-generated
	$(VENV)/bin/openapi-spec-validator $(DESCRIPTION)
	$(CODEGEN) --root . --check
	$(VENV)/bin/python Tools/release/command_reference.py --check
	$(VENV)/bin/python Tools/python/blocking_twins.py --check
	$(SWIFT) build --package-path Tools --product trillet-toolsPackageTests
	$(SWIFT) test --package-path Tools --skip-build --quiet --disable-xctest
endef
$(eval $(call suite,generated))

title-sandbox := the service on this machine
looks-sandbox := $(SANDBOX) $(call files,Tests/Sandbox) $(PYTHON_SUPPORT)
define run-sandbox
	$(PYTEST) Tests/Sandbox
endef
$(eval $(call suite,sandbox))

title-guest := the library does not hurt its host
looks-guest := $(LIBRARY) $(HEADERS) $(call files,Tests/Support/c Tests/Guest)
define run-guest
	PYTHON=$(PYTHON) $(MAKE) -s -C Tests/Guest $(CHECK)
	@echo "-- the engine on the host's threads"
	$(DRIVEN) PYTHON=$(PYTHON) $(MAKE) -s -C Tests/Guest $(CHECK)
endef
$(eval $(call suite,guest))

title-wire := the promises hold over plain text, TLS 1.2, TLS 1.3 and HTTP/2
looks-wire := $(LIBRARY) $(HEADERS) $(call files,Tests/Wire Tests/Resilience) $(PYTHON_SUPPORT) \
    docs/resilience.md
define run-wire
	$(PYTEST) Tests/Wire $(WIRE_FLAGS)
	$(DRIVEN) $(PYTEST) Tests/Wire -k 'submit or test_life' $(WIRE_FLAGS)
endef
$(eval $(call suite,wire))

title-cpp := the C++ headers
looks-cpp := $(LIBRARY) $(SANDBOX) $(HEADERS) $(call files,Tests/Support/c Tests/Cpp) docs/cpp.md
define run-cpp
	$(TESTED) $(MAKE) -s -C Tests/Cpp $(CHECK)
	@echo "-- the engine on the host's threads"
	$(DRIVEN) $(TESTED) $(MAKE) -s -C Tests/Cpp $(CHECK)
endef
$(eval $(call suite,cpp))

title-soak := requests, faults, cancelling and closing, all at once, for some seconds
looks-soak := $(LIBRARY) $(call files,Tests/Soak) Tests/Wire/soak.py Tests/Wire/fronts.py \
    Tests/Wire/certificates.py Tests/Support/python/ports.py
# Each client has either engine, by chance.
define run-soak
	$(MAKE) -s soak SOAK_FLAGS='--requests 60000'
	for wire in tls12 tls13 h2; do \
	    $(MAKE) -s soak WIRE=$$wire SOAK_FLAGS='--requests 20000' || exit 1; \
	done
endef
$(eval $(call suite,soak))

title-package := what is installed, and the code of the README
looks-package := $(LIBRARY) $(SANDBOX) $(HEADERS) $(call files,Tests/Package packaging) $(C_SOURCES) \
    README.md Sources/trillet.pc.in Tools/install-packages $(wildcard Tools/release/*.py) \
    $(wildcard Tools/make/*.mk) $(VENV)/ready $(STAMPS)/packages-package
define run-package
	Tests/Package/run
	$(PYTEST) Tests/Package
endef
$(eval $(call suite,package))

title-campaign-page := the page of a campaign, in Chromium
looks-campaign-page := $(LIBRARY) $(call files,Tests/CampaignPage bindings/python/src) \
    $(PYTHON_SUPPORT)
define run-campaign-page
	$(PYTEST) Tests/CampaignPage
endef
$(eval $(call suite,campaign-page))

title-python := the package, against a recording server and the sandbox
looks-python := $(LIBRARY) $(SANDBOX) $(PYTHON_SOURCES) $(VENV)/ready
define run-python
	cd bindings/python && $(PYTEST)
	cd bindings/python && $(PYTEST) --without-msgspec
	@echo "-- the engine on the host's threads"
	cd bindings/python && $(DRIVEN) $(PYTEST)
endef
$(eval $(call suite,python))

title-swift := the Swift module and its example, against the sandbox
looks-swift := $(LIBRARY) $(SANDBOX) include/trillet.h $(SWIFT_BINDING) Sources/trillet.pc.in \
    examples/contacts.csv
define run-swift
	SWIFT=$(SWIFT) TRILLET_SANDBOX=$(abspath $(SANDBOX)) bindings/swift/run-tests $(BUILD)/swift
endef
$(eval $(call suite,swift))

title-c := the built library through its C header
looks-c := $(LIBRARY) $(HEADERS) $(call files,Tests/Support/c Tests/C)
define run-c
	$(MAKE) -s -C Tests/C $(CHECK)
	@echo "-- the engine on the host's threads"
	$(DRIVEN) $(MAKE) -s -C Tests/C $(CHECK)
endef
$(eval $(call suite,c))

title-lists := pages, batches followed to their end, and their results
looks-lists := $(LIBRARY) $(SANDBOX) $(call files,Tests/Lists Tests/Resilience) $(PYTHON_SUPPORT)
define run-lists
	$(PYTEST) Tests/Lists
endef
$(eval $(call suite,lists))

title-resilience := nothing is done twice, nothing is lost, limits hold
looks-resilience := $(LIBRARY) $(SANDBOX) $(call files,Tests/Resilience) $(PYTHON_SUPPORT) \
    Tests/Wire/certificates.py docs/resilience.md
define run-resilience
	$(PYTEST) Tests/Resilience
	$(DRIVEN) $(PYTEST) Tests/Resilience -k 'not blocking'
endef
$(eval $(call suite,resilience))

title-csv := contact files, every rule, and the csv module of Python beside them
looks-csv := $(LIBRARY) $(call files,Tests/Csv) $(PYTHON_SUPPORT) $(wildcard Tools/phone-numbers/*)
define run-csv
	$(PYTEST) Tests/Csv $(CSV_FLAGS)
endef
$(eval $(call suite,csv))

title-core := unit tests, in the ordinary build
looks-core := $(SWIFT_SOURCES) $(C_SOURCES) $(IMPORTED) $(call files,Tests/TrilletTests) \
    Package.swift
define run-core
	$(SWIFT) test --quiet --disable-xctest
endef
$(eval $(call suite,core))

title-hosts := other languages, event loops, and programs with a TLS of their own
looks-hosts := $(LIBRARY) $(SANDBOX) $(HEADERS) $(call files,Tests/Hosts examples/hosts) \
    examples/worker.cpp Tests/Guest/service.py \
    docs/hosts.md $(PYTHON_SUPPORT)
define run-hosts
	$(PYTEST) Tests/Hosts
endef
$(eval $(call suite,hosts))

title-fuzz := the seeds of the fuzz targets, and inputs made of them, on the library
looks-fuzz := $(LIBRARY) $(HEADERS) $(call files,Tests/Fuzz)
define run-fuzz
	$(MAKE) -s fuzz-replay
endef
$(eval $(call suite,fuzz))

title-instructions := a call takes no more of them than is accepted
looks-instructions := $(LIBRARY) $(HEADERS) $(call files,Tests/Benchmarks)
define run-instructions
	$(BENCHMARK_PROGRAMS) instruction-programs
	$(PYTHON) Tests/Benchmarks/instructions.py
endef
$(eval $(call suite,instructions))

title-demo := the examples against the sandbox
looks-demo := $(LIBRARY) $(SANDBOX) $(HEADERS) $(call files,examples) $(PYTHON_SOURCES)
define run-demo
	$(MAKE) demo TRILLET_SANDBOX=$(SANDBOX)
endef
$(eval $(call suite,demo))
