"""Contact files as the check reads them."""
