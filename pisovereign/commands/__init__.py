"""Commands: what the assistant can be told to do."""
