"""Folders of other people's files that some programs see: those that were named.

They are those that are talked to, and those that the catalog does not know.

Homes and mounted disks look empty, but for those. Temporary folders are its own anyway, in which
the named ones are shown, and all else is read-only: `writing.py`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from pisovereign.process import syscalls
from pisovereign.runner.types import SharedFolder
from pisovereign.runner.writing import is_below_replaced, replace_temporary_folders

_OPENED = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_EMPTY = ("/home", "/root", "/media", "/mnt", "/srv", "/run/user")
# Flags of a file system, and what the kernel calls them when it is mounted again.
_KEPT = (
    (os.ST_NOSUID, syscalls.MS_NOSUID),
    (os.ST_NODEV, syscalls.MS_NODEV),
    (os.ST_NOEXEC, syscalls.MS_NOEXEC),
    (os.ST_NOATIME, syscalls.MS_NOATIME),
    (os.ST_NODIRATIME, syscalls.MS_NODIRATIME),
    (os.ST_RELATIME, syscalls.MS_RELATIME),
)


def show_only(folders: Sequence[SharedFolder]) -> None:
    """Hide folders of people from this process, which must be in namespaces, but for some.

    Its temporary folders become its own, too.

    Raises:
        OSError: a folder is not there, or the kernel refuses.
    """
    # Opened before they are hidden; what was hidden before, such as the program's data, stays so.
    early = [_open_if_replaced(folder.path) for folder in folders]
    replace_temporary_folders()
    opened = [
        (folder, os.open(folder.path, _OPENED) if descriptor is None else descriptor)
        for folder, descriptor in zip(folders, early, strict=True)
    ]
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
    hidden = []
    for path in dict.fromkeys((*_EMPTY, _home())):
        if Path(path).is_dir():  # a home is not there any more if it lay in another of them
            syscalls.mount("tmpfs", path, "tmpfs", flags, "size=64k,mode=0755")
            hidden.append(path)
    usual = os.umask(0o022)  # the account that it will be has to pass
    for folder, descriptor in opened:
        with contextlib.suppress(FileExistsError):
            Path(folder.path).mkdir(mode=0o755, parents=True)
        _bind(descriptor, folder)
        os.close(descriptor)
    os.umask(usual)
    for path in hidden:
        _remount(path, flags | syscalls.MS_RDONLY)


def _open_if_replaced(path: str) -> int | None:
    """Open a folder below the temporary ones; None if the path is not below one.

    No symbolic link is followed, since anybody may put one into a temporary folder.

    Raises:
        OSError: it is not there, or a symbolic link is on its path.
    """
    if not is_below_replaced(path):
        return None
    descriptor = os.open("/", _OPENED)
    for name in Path(path).parts[1:]:
        above = descriptor
        try:
            descriptor = os.open(name, _OPENED | os.O_NOFOLLOW, dir_fd=above)
        finally:
            os.close(above)
    return descriptor


def _home() -> str:
    """Return the home of who runs this; homes may be anywhere."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return _EMPTY[0]
    return _EMPTY[0] if home in ("", "/") or not home.startswith("/") else home


def _bind(descriptor: int, folder: SharedFolder) -> None:
    """Show a folder where it was; what is hidden in it stays hidden."""
    source = f"/proc/self/fd/{descriptor}"
    syscalls.mount(source, folder.path, "none", syscalls.MS_BIND | syscalls.MS_REC)
    found = os.statvfs(folder.path).f_flag
    kept = sum(flag for seen, flag in _KEPT if found & seen)
    _remount(folder.path, kept if folder.write else kept | syscalls.MS_RDONLY)


def _remount(path: str, flags: int) -> None:
    flags |= syscalls.MS_REMOUNT | syscalls.MS_BIND
    syscalls.mount("none", path, "none", flags)
