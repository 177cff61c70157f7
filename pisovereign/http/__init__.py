"""The HTTP edge: everything between the socket and a route."""

__all__ = [
    "allowed_hosts",
    "client_address",
    "instrumentation",
    "protocol",
    "rate_limit",
    "server",
    "static_files",
]
