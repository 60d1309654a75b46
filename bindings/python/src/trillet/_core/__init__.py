"""What the blocking client and the one for asyncio have in common."""
