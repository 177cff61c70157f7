"""What routes are made of.

`routes` has their entries and serves them, `body` and `query` read requests, `errors` and `sse`
write what is not plain JSON, and `disconnect` ends the work of a client that left.
"""

__all__ = [
    "body",
    "disconnect",
    "errors",
    "query",
    "routes",
    "sse",
    "types",
]
