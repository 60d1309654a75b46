# What is uploaded for Python, in build/release: the wheel with both libraries, the sdist, and the
# wheel of the sandbox. The libraries come from `make release-libraries`.

RELEASE := $(BUILD)/release
RELEASE_VENV := $(BUILD)/release-venv
RELEASE_LIBRARIES ?= $(BUILD)/release-libraries
BUNDLED_SOURCES ?= $(BUILD)/bundled-sources
TOOLS_CHECKOUTS ?= Tools/.build/checkouts

WHEEL_TOOLS := $(addprefix Tools/release/,archives.py elf.py notices.py python_packages.py)
WHEEL_LIBRARIES := $(RELEASE_LIBRARIES)/system/libtrillet.so.$(ABI) \
    $(RELEASE_LIBRARIES)/bundled/libtrillet.so.$(ABI)
PYTHON_PACKAGES = $(RELEASE_VENV)/bin/python Tools/release/python_packages.py --out $(RELEASE)

$(RELEASE_VENV)/ready: Tools/release/requirements.txt | $(STAMPS)/packages-test
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(BUILD)/notices/bundled: Tools/release/notices.py $(RELEASE_LIBRARIES)/bundled/libtrillet.so.$(ABI)
	$(PYTHON) Tools/release/notices.py bundled --sources $(BUNDLED_SOURCES) $@

$(BUILD)/notices/sandbox: Tools/release/notices.py $(SANDBOX) \
    $(RELEASE_LIBRARIES)/bundled/libtrillet.so.$(ABI)
	$(PYTHON) Tools/release/notices.py sandbox --checkouts $(TOOLS_CHECKOUTS) \
	    --sources $(BUNDLED_SOURCES) $@

# The program once more, with libcurl, its TLS and an older glibc: slim images have none of them.
RELEASE_SANDBOX := $(BUILD)/release-sandbox/trillet-sandbox
SANDBOX_ARCHIVES ?= $(BUNDLED_SOURCES)/archives/lib
SANDBOX_OBJECTS := $(patsubst packaging/sandbox/%.c,$(BUILD)/release-sandbox/%.o,\
    $(wildcard packaging/sandbox/*.c))
RELEASE_SANDBOX_LINK := $(abspath $(SANDBOX_OBJECTS)) --wrap=curl_easy_init -L$(abspath $(SANDBOX_ARCHIVES)) \
    --start-group -lcurl -lnghttp2 -lssl -lcrypto -lz --end-group \
    --as-needed --icf=safe -O2 --no-as-needed -l:libpthread.so.0 -l:libdl.so.2

$(SANDBOX_OBJECTS): $(BUILD)/release-sandbox/%.o: packaging/sandbox/%.c
	@mkdir -p $(@D)
	$(SWIFT_CLANG) -std=c11 -Wall -Wextra -pedantic -Werror -fno-builtin -fPIC -O2 -c $< -o $@

# Only the linking is new; what was compiled is taken. Swift does not look at the archives, and would
# keep a program with those of before a security update.
$(RELEASE_SANDBOX): $(SANDBOX) $(SANDBOX_OBJECTS) $(RELEASE_LIBRARIES)/bundled/libtrillet.so.$(ABI)
	rm -f Tools/.build/release/trillet-sandbox
	$(SWIFT) build $(TOOLS_FLAGS) $(SANDBOX_BUILD) \
	    $(foreach flag,$(RELEASE_SANDBOX_LINK),-Xlinker $(flag)) --product trillet-sandbox
	cp -f Tools/.build/release/trillet-sandbox $@.new && mv -f $@.new $@

.PHONY: wheel
## make wheel       build the wheels and the sdist for Python into build/release
wheel: $(WHEEL_LIBRARIES) $(BUILD)/notices/bundled $(RELEASE_SANDBOX) $(BUILD)/notices/sandbox \
    $(RELEASE_VENV)/ready $(WHEEL_TOOLS)
	@rm -f $(RELEASE)/trillet-*.whl $(RELEASE)/trillet-*.tar.gz $(RELEASE)/trillet_sandbox-*.whl
	$(PYTHON_PACKAGES) trillet --system $(word 1,$(WHEEL_LIBRARIES)) \
	    --bundled $(word 2,$(WHEEL_LIBRARIES)) --notices $(BUILD)/notices/bundled
	$(PYTHON_PACKAGES) sandbox --program $(RELEASE_SANDBOX) --notices $(BUILD)/notices/sandbox
	$(RELEASE_VENV)/bin/python -m twine check --strict $(RELEASE)/trillet-*.whl \
	    $(RELEASE)/trillet-*.tar.gz $(RELEASE)/trillet_sandbox-*.whl

.PHONY: test-wheel
## make test-wheel  install the wheels into environments of their own, and use them there
test-wheel: wheel $(VENV)/ready
	TRILLET_RELEASE=$(abspath $(RELEASE)) $(VENV)/bin/python -m pytest $(PYTEST_FLAGS) Tests/Wheel
