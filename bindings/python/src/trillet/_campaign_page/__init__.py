"""A campaign in a browser, for the person at this machine."""
