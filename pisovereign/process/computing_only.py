"""A filter of system calls under which a process can only compute, read and write what is open.

No file can be opened any more, nothing be connected to, and no process be started, followed or
ended. Whatever hostile bytes do to a program, this is what is left to them.
"""

from __future__ import annotations

import errno
import functools

from pisovereign.process import syscalls
from pisovereign.process.call_filter import (
    ALLOW,
    ERRNO,
    JUMP_AT_LEAST,
    JUMP_EQUAL,
    OTHER_FORM,
    RETURN,
    CallFilter,
    Row,
    beginning,
    known_machine,
    number_here,
)

# The numbers of each call on x86-64 and on 64-bit ARM.
_ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
    "rseq": (334, 293),
}


def compute_only() -> None:
    """Give up everything else, for good.

    Raises:
        OSError: this machine cannot do that.
    """
    if not known_machine():
        raise OSError(errno.ENOSYS, "no filter of system calls is known for this machine")
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    _filter().install()


@functools.cache
def _filter() -> CallFilter:
    numbers = [number_here(each) for each in _ALLOWED.values()]
    most = len(numbers)
    rows: list[Row] = [
        *beginning(),
        (JUMP_AT_LEAST, most, 0, OTHER_FORM),
    ]
    # Jumps count the instructions that are left out: behind the refusal there is the permission.
    rows += [(JUMP_EQUAL, most - place, 0, number) for place, number in enumerate(numbers)]
    rows += [(RETURN, 0, 0, ERRNO | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    return CallFilter(rows)
