"""Agents as code: a workspace as files that people review."""
