"""The command ``trillet``."""
