"""Campaigns: lists of contacts that are called over days, each phone at most once at a time."""
