"""What routes are made of: entries, bodies, queries, errors, event streams."""

__all__ = [
    "body",
    "disconnect",
    "errors",
    "query",
    "routes",
    "sse",
    "types",
]
