"""The native library: loading it, one of its clients, and what interrupts or outlives a call."""
