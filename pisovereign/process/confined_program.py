"""The program that `confined.run_confined` starts: it gives up all rights, then converts bytes."""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import sys

from pisovereign.process.computing_only import compute_only
from pisovereign.process.parent_death import die_with_parent
from pisovereign.process.priority import lower_priority

_NICENESS = 10
_CHUNK = 1 << 20


def main() -> None:
    """Convert what comes on standard input: MODULE CPU-SECONDS MEMORY OUTPUT [ARGUMENT ...]."""
    die_with_parent(os.getppid(), signal.SIGKILL)
    module, cpu_s, memory, most, *arguments = sys.argv[1:]
    lower_priority(_NICENESS)
    _limit(int(cpu_s), int(memory))
    converter = importlib.import_module(module)
    converter.prepare()
    data = sys.stdin.buffer.read()
    if hasattr(converter, "take"):
        converter.take(data)
    _set_limit(resource.RLIMIT_FSIZE, 0)
    compute_only()
    result = converter.convert(data, arguments)
    # One that is too long ends its reader's patience: it need not be sent in whole.
    _write(result[: int(most) + 1])
    # Libraries have nothing to put down, and what they do at the end may not fail.
    os._exit(0)


def _limit(cpu_s: int, memory: int) -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
    ):
        _set_limit(kind, most)


def _set_limit(kind: int, most: int) -> None:
    # Who may not set it (ValueError) has a tighter one already.
    with contextlib.suppress(PermissionError, ValueError):
        resource.setrlimit(kind, (most, most))


def _write(result: bytes) -> None:
    rest = memoryview(result)
    while rest:
        rest = rest[os.write(1, rest[:_CHUNK]) :]


if __name__ == "__main__":
    main()
