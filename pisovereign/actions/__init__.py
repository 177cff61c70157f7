"""Commands: what the assistant can be told to do."""

__all__ = ["caller", "registry", "results", "service", "types"]
