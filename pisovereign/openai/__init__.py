"""OpenAI's API beside our own, for clients that exist: a base URL and a key are enough."""

__all__ = ["types"]
