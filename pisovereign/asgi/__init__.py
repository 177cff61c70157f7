"""Parts that routes are made of.

`routes` has their entries and serves them, `body` and `query` read requests, `errors`, `sse` and
`json_lines` write what is not plain JSON, and `disconnect` ends the work of a client that left.
"""

__all__ = [
    "body",
    "disconnect",
    "errors",
    "json_lines",
    "query",
    "routes",
    "sse",
    "types",
]
