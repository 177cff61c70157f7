"""Filters of system calls for commands: no way out of the sandbox, no network unless they may.

No namespaces can be made or joined, in which a command would have rights again; no sockets of odd
kinds, such as those to the host of a virtual machine; and no io_uring, whose requests no filter
sees. Without the network, no socket but a UNIX one can be made: that stands beside an empty network
namespace, and alone where the machine permits no namespaces. A filter cannot be taken off, and
everything that the command starts inherits it.
"""

from __future__ import annotations

import errno
import functools
import socket

from pisovereign.process import syscalls
from pisovereign.process.attempt import is_permitted
from pisovereign.process.call_filter import (
    ALLOW,
    ERRNO,
    FIRST_ARGUMENT,
    JUMP_ANY_BIT,
    JUMP_AT_LEAST,
    JUMP_EQUAL,
    LOAD,
    OTHER_FORM,
    RETURN,
    CallFilter,
    Row,
    beginning,
    known_machine,
    number_here,
)

# The numbers of each call on x86-64 and on 64-bit ARM.
_CLONE, _UNSHARE, _SETNS, _SOCKET = (56, 220), (272, 97), (308, 268), (41, 198)
# The same on both. The flags of clone3 are where no filter can read them; without it, programs use
# clone. Setup, enter and register of io_uring.
_CLONE3, _IO_URING = 435, (425, 426, 427)
# Of mounts, cgroups, host names, IPC, users, processes, networks; that of times is unshare's only.
_NAMESPACES, _TIMES = 0x7E02_0000, 0x80
_LOCAL = (socket.AF_UNIX,)
_NETWORK = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)


def can_filter() -> bool:
    """Return whether it works on this machine; tried in a process that ends at once."""
    if not known_machine():
        return False
    _filter(network=True)  # made here, they are there in every process that is forked from this one
    _filter(network=False)

    def attempt() -> None:
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        restrict(network=False)

    return is_permitted(attempt)


def restrict(*, network: bool) -> None:
    """Restrict this process for good; it must have given up new privileges.

    Args:
        network: It may reach the network.

    Raises:
        OSError: the kernel has no filters.
    """
    _filter(network=network).install()


@functools.cache
def _filter(*, network: bool) -> CallFilter:
    # Each call as a block that goes on behind itself, unless it answers. Jumps count the
    # instructions that are left out.
    rows: list[Row] = [
        *beginning(),
        (JUMP_AT_LEAST, 0, 1, OTHER_FORM),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
    ]
    for number in (*_IO_URING, _CLONE3):
        rows += _if(number, ((RETURN, 0, 0, ERRNO | errno.ENOSYS),))
    rows += _if(number_here(_SETNS), ((RETURN, 0, 0, ERRNO | errno.EPERM),))
    rows += _if(number_here(_CLONE), _unless_any(_NAMESPACES))
    rows += _if(number_here(_UNSHARE), _unless_any(_NAMESPACES | _TIMES))
    rows += _if(number_here(_SOCKET), _only(_NETWORK if network else _LOCAL))
    rows.append((RETURN, 0, 0, ALLOW))
    return CallFilter(rows)


def _if(number: int, block: tuple[Row, ...]) -> list[Row]:
    """Return what decides about one call by `block`, which answers in every case."""
    return [(JUMP_EQUAL, 0, len(block), number), *block]


def _unless_any(bits: int) -> tuple[Row, ...]:
    return (
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_ANY_BIT, 0, 1, bits),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    )


def _only(families: tuple[int, ...]) -> tuple[Row, ...]:
    most = len(families)
    return (
        (LOAD, 0, 0, FIRST_ARGUMENT),
        *((JUMP_EQUAL, most - place, 0, family) for place, family in enumerate(families)),
        (RETURN, 0, 0, ERRNO | errno.EAFNOSUPPORT),
        (RETURN, 0, 0, ALLOW),
    )
