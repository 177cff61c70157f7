"""Running as one process among others: ends, readiness, sockets, locks, limits and notes."""

__all__ = [
    "attempt",
    "child_signals",
    "command_filter",
    "confined",
    "control",
    "core_dumps",
    "forked",
    "instance_lock",
    "line_socket",
    "notify",
    "open_files",
    "own_program",
    "parent_death",
    "priority",
    "start_gate",
    "syscalls",
    "unix_socket",
    "work_note",
]
