"""Commands, their limits, and the context that all commands of a runner share."""

from __future__ import annotations

import resource
from pathlib import Path

import msgspec

from pisovereign.runner.account import Account
from pisovereign.runner.sandbox import Isolation
from pisovereign.runner.types import SessionSpec, SharedFolder

# What a program computes while it is talked to, in seconds of the processor.
SESSION_CPU_S = 600
FILE_BYTES = 16 * 1024 * 1024
OPEN_FILES = 256


class ExecutionContext(msgspec.Struct, frozen=True, kw_only=True):
    """The account that commands run as, and what they may use and see.

    `filtered` says whether this machine can filter system calls, `hidden` what no command sees.
    """

    limits: Limits
    isolation: Isolation
    account: Account
    filtered: bool
    hidden: tuple[Path, ...] = ()


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A command to be executed: a file and its arguments, the name first."""

    program: str
    argv: tuple[str, ...]
    network: bool
    timeout_s: float
    folders: tuple[SharedFolder, ...] | None = None
    session: SessionSpec | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one command with everything that it starts.

    Times are in seconds; `output_bytes` counts both streams, `memory_bytes` each process's address
    space and the resident memory of all.
    """

    timeout_s: float = 30.0
    output_bytes: int = 64 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    processes: int = 32


def apply(limits: Limits, user_processes: int, *, session: bool = False) -> None:
    """Limit this process and those that it will start.

    Args:
        limits: what is allowed.
        user_processes: how many the kernel already counts for this user, in this namespace.
        session: whether it is talked to while it runs. Its address space is not limited, only
            what it writes to: runtimes such as Node's reserve far more than they ever use.
    """
    memory = resource.RLIMIT_DATA if session else resource.RLIMIT_AS
    cpu_s = SESSION_CPU_S if session else int(limits.timeout_s) + 5
    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (memory, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, user_processes + limits.processes),
        # Processor time of one process: a second line behind the clock.
        (resource.RLIMIT_CPU, cpu_s),
    ):
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
