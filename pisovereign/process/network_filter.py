"""A filter of system calls under which no socket but a UNIX one can be made.

It stands beside an empty network namespace, and alone where the machine permits no namespaces. It
cannot be taken off, and everything that the command starts inherits it.
"""

from __future__ import annotations

import errno
import functools
import os
import platform
import socket

from pisovereign.process import syscalls
from pisovereign.process.call_filter import (
    ALLOW,
    ERRNO,
    FIRST_ARGUMENT,
    JUMP_AT_LEAST,
    JUMP_EQUAL,
    KILL,
    LOAD,
    MACHINE,
    MACHINES,
    NUMBER,
    OTHER_FORM,
    RETURN,
    CallFilter,
    known_machine,
)

_IO_URING_SETUP = 425  # its requests can make sockets, and no filter sees those
_SOCKET = {"x86_64": 41, "aarch64": 198}


def can_filter() -> bool:
    """Return whether it works on this machine; tried in a process that ends at once."""
    if not known_machine():
        return False
    _filter()  # made here, it is there in every process that is forked from this one
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
    _filter().install()


@functools.cache
def _filter() -> CallFilter:
    machine = platform.machine()
    # Jumps count the instructions that are left out.
    return CallFilter(
        (
            (LOAD, 0, 0, MACHINE),
            (JUMP_EQUAL, 1, 0, MACHINES[machine]),
            (RETURN, 0, 0, KILL),  # the calls of another architecture have other numbers
            (LOAD, 0, 0, NUMBER),
            (JUMP_AT_LEAST, 5, 0, OTHER_FORM),
            (JUMP_EQUAL, 4, 0, _IO_URING_SETUP),
            (JUMP_EQUAL, 0, 2, _SOCKET[machine]),
            (LOAD, 0, 0, FIRST_ARGUMENT),
            (JUMP_EQUAL, 0, 1, socket.AF_UNIX),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, ERRNO | errno.EAFNOSUPPORT),
        )
    )
