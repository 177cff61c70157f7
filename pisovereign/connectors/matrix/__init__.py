"""Matrix: people write to an account of the assistant's, on a homeserver of their choice."""
