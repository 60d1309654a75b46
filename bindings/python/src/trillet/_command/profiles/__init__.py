"""Where the command's key, workspace and address come from."""
