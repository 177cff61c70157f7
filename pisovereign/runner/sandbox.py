"""Namespaces: a command sees no network, and nothing that it starts can outlive it.

Its processes are in a PID namespace, where all of them end with the first one. That needs a right
of root, or a user namespace, in which ordinary users have it. Some systems permit neither.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.process import syscalls
from pisovereign.process.attempt import is_permitted
from pisovereign.runner.account import Account
from pisovereign.runner.writing import make_read_only, replace_temporary_folders

Isolation = Literal["namespaces", "user-namespace", "none"]
"""Which way this machine permits; `none` leaves following and killing each process."""


def find_isolation(account: Account) -> Isolation:
    """Try what is permitted here, in processes that end at once.

    Without a user namespace commands see the true owners of files and processes. But if other
    programs run as the same user, only that keeps a command from reading their memory.
    """
    ways: tuple[Isolation, ...] = ("user-namespace", "namespaces")
    if account.dedicated:
        ways = ("namespaces", "user-namespace")
    return next((way for way in ways if _permitted(way, account)), "none")


def enter(way: Isolation, account: Account, hidden: tuple[Path, ...]) -> Account:
    """Put this process's next child into namespaces of its own; to be done once in a process.

    The temporary folders are still those of the machine: `replace_temporary_folders` has to follow.

    Args:
        way: one of those that are permitted here, not `none`.
        account: whom the command is to run as.
        hidden: folders and files that it may not see.

    Returns:
        The account that is left for the command to change to.

    Raises:
        OSError: the kernel refuses.
    """
    flags = syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNS
    if way == "namespaces":
        syscalls.unshare(flags)
    else:
        account.become()
        # The change of user took the right to write the map away.
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
        syscalls.unshare(flags | syscalls.CLONE_NEWUSER)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{account.uid} {account.uid} 1")
        _write("/proc/self/gid_map", f"{account.gid} {account.gid} 1")
        account = msgspec.structs.replace(account, switch=False)
    # What is mounted later on is seen, and nothing that is mounted here is seen outside.
    syscalls.mount("none", "/", "none", syscalls.MS_REC | syscalls.MS_SLAVE)
    make_read_only()
    # While temporary folders are what they were: a program may be shown a folder of theirs.
    for path in hidden:
        _hide(path)
    return account


def leave_network() -> None:
    """Give this process an empty network; it must be in the namespaces and have its rights still.

    Raises:
        OSError: the kernel refuses.
    """
    syscalls.unshare(syscalls.CLONE_NEWNET)


def _hide(path: Path) -> None:
    """Lay an empty folder, or an empty file, over what is there."""
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, PermissionError):
        return  # nobody's to see, already
    if stat.S_ISDIR(kind):
        flags = syscalls.MS_RDONLY | syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
        syscalls.mount("tmpfs", str(path), "tmpfs", flags, "size=4k,nr_inodes=1,mode=0555")
    else:
        syscalls.mount("/dev/null", str(path), "none", syscalls.MS_BIND)


def _permitted(way: Isolation, account: Account) -> bool:
    def attempt() -> None:
        enter(way, account, ())
        replace_temporary_folders()
        leave_network()

    return is_permitted(attempt)


def _write(path: str, text: str) -> None:
    # One write each: the kernel takes a map as a whole.
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
