"""Running as one process among others: the parent's death, readiness, sockets and locks."""

__all__ = ["control", "instance_lock", "line_socket", "notify", "parent_death", "unix_socket"]
