"""Running as one process among others: the parent's death, readiness, sockets, locks, limits."""

__all__ = [
    "confined",
    "control",
    "core_dumps",
    "instance_lock",
    "line_socket",
    "network_filter",
    "notify",
    "parent_death",
    "syscalls",
    "unix_socket",
]
