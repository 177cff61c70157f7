"""Files that survive a power cut, and are private where they must be; what is in a file."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from pathlib import Path

from pisovereign.errors import StartError

_PRIVATE, _READABLE = 0o600, 0o644


def sync(path: Path) -> None:
    """Flush the contents of a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_private(path: Path, data: bytes) -> None:
    """Create `path` with mode 0600, atomically and durably; an existing file stays.

    Raises:
        StartError: the file cannot be written.
    """
    temporary = _temporary(path)
    try:
        _write(temporary, data, _PRIVATE)
        try:
            # Unlike a rename, a link fails if another process was faster: its file stays.
            os.link(temporary, path)
        except FileExistsError:
            return
        finally:
            temporary.unlink()
        sync(path.parent)
    except OSError as error:
        raise StartError(f"the file {path} cannot be written: {error.strerror}") from error


def replace_private(path: Path, data: bytes) -> None:
    """Write `path` with mode 0600, atomically and durably, replacing what is there.

    Raises:
        StartError: the file cannot be written.
    """
    _replace(path, data, _PRIVATE)


def replace_readable(path: Path, data: bytes) -> None:
    """Write `path` as `replace_private` does, but with mode 0644, as far as the umask permits.

    Raises:
        StartError: the file cannot be written.
    """
    _replace(path, data, _READABLE)


def replace_keeping_access(path: Path, data: bytes) -> None:
    """Write `path` as `replace_private` does, but for whoever may read what is there.

    Raises:
        StartError: the file cannot be written.
    """
    _replace(path, data, _PRIVATE, keeps_access=True)


def _replace(path: Path, data: bytes, mode: int, *, keeps_access: bool = False) -> None:
    temporary = _temporary(path)
    try:
        try:
            _write(temporary, data, mode)
            if keeps_access:
                before = path.stat()
                os.chown(temporary, before.st_uid, before.st_gid)
                temporary.chmod(stat.S_IMODE(before.st_mode))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync(path.parent)
    except OSError as error:
        raise StartError(f"the file {path} cannot be written: {error.strerror}") from error


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def private_folder(path: Path) -> Path:
    """Create `path` with mode 0700, or accept our own folder that nobody else can write to.

    Raises:
        StartError: others own it or may write to it, or it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
        if status.st_uid != os.getuid():
            raise StartError(f"{path}: belongs to another user")
        if status.st_mode & 0o022:
            raise StartError(f"{path}: others may write here; run `chmod go-w {path}`")
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    return path
