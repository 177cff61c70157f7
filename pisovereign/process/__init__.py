"""Running as one process among others: the parent's death, readiness, sockets and locks."""

__all__ = ["instance_lock", "notify", "parent_death", "unix_socket"]
