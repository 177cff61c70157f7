"""Notifications: events, and messages that are sent once or reported.

`service` tells them; a channel is a way of sending that is handed to it.
"""

__all__ = [
    "owner_notices",
    "routes",
    "service",
    "trial",
    "types",
]
