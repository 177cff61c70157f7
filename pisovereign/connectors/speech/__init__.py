"""Wyoming, the protocol of voice: events within limits, and clients of speech services."""
