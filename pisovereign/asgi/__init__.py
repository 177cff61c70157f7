"""What every HTTP resource needs: bodies, queries, errors, event streams."""

__all__ = [
    "body",
    "disconnect",
    "errors",
    "language",
    "media",
    "query",
    "sse",
    "streaming",
    "types",
]
