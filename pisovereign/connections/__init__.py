"""Connections to services outside, as people see them, save them and try them.

`service` does so, `kinds` describes settings that are changed in the same way, and `states` says
whether each works. What a connection is and what uses it is in `connectors/`.
"""

__all__ = [
    "diagnostics_routes",
    "kinds",
    "routes",
    "service",
    "types",
]
