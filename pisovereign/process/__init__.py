"""Running as a process among others: parent death, readiness, sockets, locks."""

__all__ = ["instance_lock", "notify", "parent_death", "unix_socket"]
