"""The HTTP edge: everything between the socket and a route.

`server` runs the workers and `protocol` reads requests. Each request passes `instrumentation`,
`client_address`, `rate_limit` and `auth`; `allowed_hosts` and `static_files` serve pages.
"""

__all__ = [
    "allowed_hosts",
    "client_address",
    "instrumentation",
    "protocol",
    "rate_limit",
    "server",
    "static_files",
]
