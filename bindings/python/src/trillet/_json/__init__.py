"""JSON to Python values and back, and what the library's answers say."""
