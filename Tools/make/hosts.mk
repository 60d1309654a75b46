# The hosts that are heavy to install: languages that are compiled, servers, sandboxes.

HOSTS := $(BUILD)/hosts

$(HOSTS)/venv/ready: Tests/RealHosts/requirements.txt | $(STAMPS)/packages-hosts
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: test-hosts-full
## make test-hosts-full  test-hosts, and the hosts that are heavy to install: 3 minutes
test-hosts-full: $(LIBRARY) $(SANDBOX) $(VENV)/ready $(HOSTS)/venv/ready
	$(PYTEST) Tests/Hosts
	HOSTS_PYTHON=$(abspath $(HOSTS)/venv/bin/python) $(PYTEST) Tests/RealHosts
