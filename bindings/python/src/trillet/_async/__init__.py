"""The client for asyncio. Where the blocking client is its twin, that is derived from here."""
