"""The process that executes catalog commands, and the API's client for it."""

__all__ = ["types"]
