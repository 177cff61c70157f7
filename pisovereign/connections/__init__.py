"""Connections to services outside: weather, calendar, mail, WhatsApp, as people set them up.

`kind` says what a kind of connection is, `kinds` describes the form of each, `settings` is the one
home of what is saved and of what the configuration says, `service` lets people see, save, remove
and try them, and `trials` tries them step by step. What uses a connection is made in `assembly/`,
anew whenever its settings change.
"""

__all__ = [
    "backup_kinds",
    "kind",
    "kinds",
    "routes",
    "service",
    "settings",
    "store",
    "trials",
    "types",
]
