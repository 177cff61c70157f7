"""Counting: the folder that workers share, and how a piece of work ended."""

__all__ = ["multiprocess", "outcome"]
