# The documentation site. Its tools are a venv of their own, so that nothing else waits for them.

DOCS_VENV := $(BUILD)/docs-venv

$(DOCS_VENV)/ready: docs/site/requirements.txt
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	    echo "The site needs Python's venv: install python3-venv, then run make docs again." >&2; \
	    exit 1; }
	@test -z "$(NO_INSTALL)" || { \
	    echo "NO_INSTALL is set, so nothing is installed into $(@D)." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: docs
## make docs        the documentation as a site in build/site, with its links checked
docs: $(DOCS_VENV)/ready
	$(PYTHON) Tools/release/site_sources.py $(BUILD)/docs
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/python -m mkdocs build --quiet --strict --clean -f $(BUILD)/docs/mkdocs.yml
	$(PYTHON) Tools/release/links.py $(BUILD)/site

.PHONY: docs-serve
## make docs-serve  show the built site at http://127.0.0.1:8000/ (searching needs a server)
docs-serve:
	@test -f $(BUILD)/site/index.html || { echo "There is no site yet: run make docs." >&2; exit 1; }
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory $(BUILD)/site 8000

.PHONY: test-site
## make test-site   look at every page of the site in a browser, as wide as a phone and as a desk
test-site: docs $(VENV)/ready
	$(PYTEST) Tests/Site
