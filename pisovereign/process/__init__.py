"""Running as one process among others: the parent's death, readiness, sockets, locks, limits."""

__all__ = [
    "child_signals",
    "confined",
    "control",
    "core_dumps",
    "instance_lock",
    "line_socket",
    "network_filter",
    "notify",
    "open_files",
    "parent_death",
    "start_gate",
    "syscalls",
    "unix_socket",
]
