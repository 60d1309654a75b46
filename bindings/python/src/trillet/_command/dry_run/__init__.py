"""``--dry-run``: what would be sent, as commands for curl."""
