"""``trillet completion``: what a shell offers while somebody types."""
