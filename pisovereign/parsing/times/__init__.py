"""Times and dates in words, read against a moment and a zone."""
