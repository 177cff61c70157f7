"""The HTTP edge: everything between the socket and a route.

`server` runs the workers, `protocol` reads requests, and `connections` limits how many clients
there are at once. Each request passes `instrumentation`, `client_address`, `rate_limit`,
`secure_transport` where there is TLS, and `auth`, which asks `same_origin` about those with a
cookie; `allowed_hosts`, `static_files` and `page_routes` serve pages.
"""

__all__ = [
    "allowed_hosts",
    "client_address",
    "connections",
    "instrumentation",
    "page_routes",
    "protocol",
    "rate_limit",
    "same_origin",
    "secure_transport",
    "server",
    "static_files",
    "web_build",
]
