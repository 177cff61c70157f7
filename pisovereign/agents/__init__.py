"""Agentic tasks: one request, carried out in parts, in the open and under control."""

__all__ = ["service", "types"]
