"""Memories: what a user told, found again by meaning and by words."""

__all__ = ["service", "types"]
