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
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 0x20, 0x1000, 0x4000, 0x8_0000
MS_NOATIME, MS_NODIRATIME, MS_RELATIME = 0x400, 0x800, 0x20_0000


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


# The same numbers on every architecture.
_MOUNT_SETATTR = 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = -100, 0x8000, 1
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_REMOVE_OR_MAKE = sum(1 << right for right in range(4, 13))
LANDLOCK_WRITE = _WRITE_FILE | _TRUNCATE
"""Changing what a file holds."""


def make_read_only(target: str) -> None:
    """Make a mount, and all mounts below it, read-only in this mount namespace.

    Raises:
        OSError: the kernel refuses, or is older than Linux 5.12 (ENOSYS).
    """
    attributes = struct.pack("4Q", _MOUNT_ATTR_RDONLY, 0, 0, 0)
    _call(
        f"read-only {target}",
        _MOUNT_SETATTR,
        ctypes.c_long(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_ulong(_AT_RECURSIVE),
        attributes,
        ctypes.c_ulong(len(attributes)),
    )


def landlock_version() -> int:
    """Return the version of Landlock's interface; 0: there is none."""
    version: int = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_ulong(0), ctypes.c_ulong(1))
    return max(0, version)


def landlock_changes(version: int) -> int:
    """Return all rights to change files that a version knows."""
    since = {2: _REFER, 3: _TRUNCATE}
    later = sum(right for number, right in since.items() if version >= number)
    return _WRITE_FILE | _REMOVE_OR_MAKE | later


def landlock_rules(rights: int) -> int:
    """Return a descriptor of rules that deny `rights`, but for what is allowed by further calls.

    Raises:
        OSError: the kernel refuses.
    """
    attributes = struct.pack("Q", rights)
    size = ctypes.c_ulong(len(attributes))
    return _call("landlock", _LANDLOCK_CREATE, attributes, size, ctypes.c_ulong(0))


def landlock_allow(rules: int, file: int, rights: int) -> None:
    """Allow rights on a file, or below a folder.

    Raises:
        OSError: the kernel refuses.
    """
    rule = struct.pack("=Qi", rights, file)
    numbers = (ctypes.c_long(rules), ctypes.c_ulong(1))
    _call("landlock", _LANDLOCK_ADD, *numbers, rule, ctypes.c_ulong(0))


def landlock_restrict(rules: int) -> None:
    """Keep this process, and all that it will start, to rules for good.

    Raises:
        OSError: the kernel refuses.
    """
    _call("landlock", _LANDLOCK_RESTRICT, ctypes.c_long(rules), ctypes.c_ulong(0))


def _call(what: str, number: int, *arguments: ctypes.c_long | ctypes.c_ulong | bytes) -> int:
    returned: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if returned < 0:
        _checked(returned, what)
    return returned


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
