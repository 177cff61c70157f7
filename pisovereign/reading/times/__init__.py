"""Times and dates in words, resolved at a moment in a time zone."""
