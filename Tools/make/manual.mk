# Manual pages and the shells' completions. Those of the sandbox need the program itself.

MANUAL := $(BUILD)/man
COMPLETIONS := $(BUILD)/completions

BUILT_SANDBOX = $(wildcard $(SANDBOX))
MANUAL_FLAGS = $(if $(BUILT_SANDBOX),--sandbox $(BUILT_SANDBOX))
MANUAL_SOURCES := include/trillet.h $(wildcard Tools/release/*.py) \
    $(shell find bindings/python/src -name '*.py')

# Made again when the sandbox comes, goes or changes.
$(MANUAL)/made: $(MANUAL_SOURCES) $(BUILT_SANDBOX)
	$(Q)$(PYTHON) Tools/release/manual.py $(MANUAL) $(MANUAL_FLAGS)
	$(Q)touch $@

$(COMPLETIONS)/made: $(MANUAL_SOURCES) $(BUILT_SANDBOX)
	$(Q)$(PYTHON) Tools/release/completions.py $(COMPLETIONS) $(MANUAL_FLAGS)
	$(Q)touch $@

.PHONY: manual
## make manual      write the manual pages and the shells' completions into build
manual: $(MANUAL)/made $(COMPLETIONS)/made
