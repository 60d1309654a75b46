"""How the command shows what the service answered."""
