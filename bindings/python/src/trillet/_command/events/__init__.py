"""Webhooks on this machine: received, kept, forwarded, and made for tests."""
