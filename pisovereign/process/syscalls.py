"""System calls that this version of Python has no function for."""

from __future__ import annotations

import ctypes
import os
import socket
import struct

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x8_0000


def prctl(option: int, *values: int) -> None:
    """Change something about this process.

    Raises:
        OSError: the kernel refuses.
    """
    arguments = (ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4])
    _checked(_libc.prctl(option, *arguments), "prctl")


def unshare(flags: int) -> None:
    """Give this process, or its next children, namespaces of their own.

    Raises:
        OSError: it is not permitted here.
    """
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount something.

    Raises:
        OSError: the kernel refuses.
    """
    texts = [os.fsencode(text) for text in (source, target, kind)]
    done = _libc.mount(*texts, ctypes.c_ulong(flags), os.fsencode(options))
    _checked(done, f"mount {target}")


def _checked(returned: int, what: str) -> None:
    if returned != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


_UCRED = struct.Struct("3i")


def peer_user_id(connection: socket.socket) -> int:
    """Return the id of the user who connected."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid: int = _UCRED.unpack(data)[1]
    return uid
