"""Conversations: the one pipeline behind both chat routes."""

__all__ = ["service", "types"]
