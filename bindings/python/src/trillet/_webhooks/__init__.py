"""Webhooks: the check of their signature, and what receives them."""
