"""What every HTTP resource needs: bodies, queries, errors, event streams."""

__all__ = [
    "body",
    "disconnect",
    "errors",
    "media",
    "query",
    "sse",
    "streaming",
    "types",
]
