"""What a command may use up."""

from __future__ import annotations

import resource

import msgspec

FILE_BYTES = 16 * 1024 * 1024
OPEN_FILES = 256


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one command with everything that it starts.

    Times are in seconds; `output_bytes` counts both streams, `memory_bytes` each process's address
    space and the resident memory of all.
    """

    timeout_s: float = 30.0
    output_bytes: int = 64 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    processes: int = 32


def apply(limits: Limits, user_processes: int) -> None:
    """Limit this process and those that it will start.

    Args:
        limits: what is allowed.
        user_processes: how many the kernel already counts for this user, in this namespace.
    """
    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, user_processes + limits.processes),
        # Processor time of one process: a second line behind the clock.
        (resource.RLIMIT_CPU, int(limits.timeout_s) + 5),
    ):
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
