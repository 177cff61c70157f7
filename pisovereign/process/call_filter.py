"""Filters of system calls: a process gives calls up, for good, and what it starts inherits that."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Sequence

from pisovereign.process import syscalls

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
KILL, ERRNO, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
# Where struct seccomp_data has them; of the argument the lower half, on little-endian machines.
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16
OTHER_FORM = 0x4000_0000
"""Numbers from here on are the same calls in x86's form of 32 bits."""
# The architectures that filters are known for, and the kernel's numbers of them.
_MACHINES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}

Row = tuple[int, int, int, int]
"""An instruction: its code, how many are left out if it is true, or false, and its value."""


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


class CallFilter:
    """A filter, made beforehand so that installing it needs nothing but two calls."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = (_Instruction * len(rows))(*(_Instruction(*row) for row in rows))
        self._program = _Program(len(rows), self._rows)

    def install(self) -> None:
        """Filter the calls of this process; it must have given up new privileges.

        Raises:
            OSError: the kernel has no filters.
        """
        program = ctypes.addressof(self._program)
        syscalls.prctl(syscalls.PR_SET_SECCOMP, syscalls.SECCOMP_MODE_FILTER, program)


def known_machine() -> bool:
    """Return whether filters are known for this architecture."""
    return platform.machine() in _MACHINES


def number_here(numbers: tuple[int, int]) -> int:
    """Return the number of a call on this machine, of those on x86-64 and on 64-bit ARM."""
    return numbers[list(_MACHINES).index(platform.machine())]


def beginning() -> list[Row]:
    """Return how each filter begins: it goes on with the number of the call."""
    return [
        (LOAD, 0, 0, MACHINE),
        (JUMP_EQUAL, 1, 0, _MACHINES[platform.machine()]),
        (RETURN, 0, 0, KILL),  # the calls of another architecture have other numbers
        (LOAD, 0, 0, NUMBER),
    ]
