"""The Model Context Protocol at `/mcp`: what an assistant elsewhere may look up, and ask for."""

__all__ = ["types"]
