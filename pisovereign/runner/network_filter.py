"""A filter of system calls under which no socket but a UNIX one can be made.

It stands beside an empty network namespace, and alone where the machine permits no namespaces. It
cannot be taken off, and everything that the command starts inherits it.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import socket
from typing import NamedTuple

from pisovereign.runner import syscalls

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_KILL, _ERRNO, _ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
# Where struct seccomp_data has them; of the argument the lower half, on little-endian machines.
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_IO_URING_SETUP = 425  # its requests can make sockets, and no filter sees those


class _Machine(NamedTuple):
    """The kernel's name of an architecture, and its number of `socket`."""

    audit: int
    socket: int


_MACHINES = {"x86_64": _Machine(0xC000_003E, 41), "aarch64": _Machine(0xC000_00B7, 198)}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def can_filter() -> bool:
    """Return whether it works on this machine; tried in a process that ends at once."""
    if platform.machine() not in _MACHINES:
        return False
    _program()  # made here, it is there in every process that is forked from this one
    child = os.fork()
    if child == 0:
        status = 1
        try:
            syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
            refuse_network()
            status = 0
        except OSError:
            pass
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def refuse_network() -> None:
    """Refuse sockets of this process, for good; it must have given up new privileges.

    Raises:
        OSError: the kernel has no filters.
    """
    program = ctypes.addressof(_program())
    syscalls.prctl(syscalls.PR_SET_SECCOMP, syscalls.SECCOMP_MODE_FILTER, program)


@functools.cache
def _program() -> _Program:
    instructions = _instructions(_MACHINES[platform.machine()])
    return _Program(len(instructions), instructions)


def _instructions(machine: _Machine) -> ctypes.Array[_Instruction]:
    # Jumps count the instructions that are left out.
    rows = (
        (_LOAD, 0, 0, _MACHINE),
        (_JUMP_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),  # the calls of another architecture have other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_AT_LEAST, 5, 0, 0x4000_0000),  # the same calls in x86's form of 32 bits
        (_JUMP_EQUAL, 4, 0, _IO_URING_SETUP),
        (_JUMP_EQUAL, 0, 2, machine.socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, socket.AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
    )
    return (_Instruction * len(rows))(*(_Instruction(*row) for row in rows))
