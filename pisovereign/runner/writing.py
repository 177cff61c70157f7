"""The one folder that a command may write to: its own, small, and gone with it.

Where there are namespaces, all file systems are read-only to it, and `/tmp` and `/var/tmp` are a
new one in memory. Where there are none, Landlock refuses every change of files.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from pisovereign.process import syscalls

SCRATCH_BYTES = 64 * 1024 * 1024
SCRATCH_FILES = 4096
_FOLDERS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - where a command gets its own
# Whose content is nobody's.
_NO_FILES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")


def make_read_only() -> None:
    """Let this mount namespace write to no file system that is mounted now.

    Raises:
        OSError: The kernel refuses; not where it is older than Linux 5.12, which cannot do it.
    """
    try:
        syscalls.make_read_only("/")
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise


def replace_temporary_folders() -> None:
    """Lay a new folder over the temporary ones of this mount namespace, which may write into it.

    What was there can be reached no more, but through what was opened before.

    Raises:
        OSError: The kernel refuses.
    """
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    options = f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=1777"
    first: Path | None = None
    for folder in _replaced():
        if first is None:
            syscalls.mount("tmpfs", str(folder), "tmpfs", flags, options)
            first = folder
        else:
            syscalls.mount(str(first), str(folder), "none", syscalls.MS_BIND)


def is_below_replaced(path: str) -> bool:
    """Return whether a path is written as one below a folder that is replaced."""
    given = Path(path)
    return ".." not in given.parts and any(folder in given.parents for folder in _replaced())


def _replaced() -> list[Path]:
    return [folder for folder in _FOLDERS if folder.is_dir() and not folder.is_symlink()]


def refuse_writing() -> None:
    """Refuse this process, and all that it starts, any change of files.

    It must have given up new privileges. Does nothing where the kernel has no Landlock.

    Raises:
        OSError: The kernel refuses.
    """
    version = syscalls.landlock_version()
    if version < 1:
        return
    rights = syscalls.landlock_changes(version)
    rules = syscalls.landlock_rules(rights)
    try:
        for name in _NO_FILES:
            try:
                file = os.open(name, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue  # this machine has none
            try:
                syscalls.landlock_allow(rules, file, rights & syscalls.LANDLOCK_WRITE)
            finally:
                os.close(file)
        syscalls.landlock_restrict(rules)
    finally:
        os.close(rules)
