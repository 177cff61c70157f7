"""Choose the places of the cluster, the socket and the log of a data folder.

Usually in `<data>/postgres`. When the program is root and the server's user cannot enter that
folder, because it lies below `/root` or a private home, they are kept in a folder of their own
below `/var/lib/pisovereign`, and `<data>/postgres/location` says which.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import NamedTuple

from pisovereign.errors import StartError
from pisovereign.files import sync
from pisovereign.storage.embedded.account import Account, service_account

SHARED = Path("/var/lib/pisovereign")
"""The folder of root's files that other users must reach: open to all, writable by root."""

# The kernel allows 107 bytes for a socket's path; libpq and PostgreSQL add a name and a lock file.
_SOCKET_PATH_LIMIT = 90
_SOCKET_NAME = ".s.PGSQL.5432"


class Layout(NamedTuple):
    """The places of one embedded server, and the account that owns the first two."""

    account: Account
    cluster: Path
    socket: Path
    log: Path
    location: Path | None
    """The file that names the cluster's place once it exists; None for the usual place."""

    def prepare(self) -> None:
        """Make the folder around the cluster, which its owner may only pass through.

        Raises:
            StartError: it cannot be made, or the owner cannot enter it.
        """
        home = self.cluster.parent
        try:
            if not home.parent.exists():
                home.parent.mkdir(parents=True)
                home.parent.chmod(0o755)
            if not home.exists():
                home.mkdir()
                home.chmod(0o711)
        except OSError as error:
            raise StartError(f"{home} cannot be made: {error.strerror}") from error
        if not self.account.can_enter(home):
            raise StartError(
                f"the user {self.account.name}, as which PostgreSQL runs, cannot enter {home};"
                f" make {home.parent} accessible to that user, or set database.url"
            )

    def record(self) -> None:
        """Record the place of the cluster durably."""
        if self.location is None or self.location.exists():
            return
        temporary = self.location.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{self.cluster.parent}\n")
            file.flush()
            os.fsync(descriptor)
        temporary.rename(self.location)
        sync(self.location.parent)

    def discard_socket_folder(self) -> None:
        """Remove the socket's folder if it lies in a shared place and not beside the cluster."""
        if self.socket.parent != self.cluster.parent:
            with contextlib.suppress(
                OSError
            ):  # It is gone, or a server still has its socket there.
                self.socket.rmdir()


def postgres_folder(data_dir: Path) -> Path:
    """Make and return `<data>/postgres`, which holds everything about the server, or says where."""
    folder = data_dir / "postgres"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not folder.exists():
            folder.mkdir()
            # Another user's server must pass through here; only its own folders are open to it.
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise StartError(f"the data folder {data_dir} cannot be used: {error.strerror}") from error
    return folder


def plan_layout(folder: Path, shared: Path = SHARED) -> Layout:
    """Decide where everything is, for the `postgres_folder` of a data folder.

    Raises:
        StartError: the recorded cluster is gone, or its owner cannot reach it.
    """
    location = folder / "location"
    if location.exists():
        home = Path(location.read_text().strip())
        if not (home / "cluster").exists():
            raise StartError(
                f"the database of this data folder is missing: {home / 'cluster'}; restore it from"
                f" a backup, or delete {location} to start with an empty one"
            )
        return _layout(home, service_account(home / "cluster"), location)
    account = service_account(folder / "cluster")
    if not account.switch or account.can_enter(folder):
        return _layout(folder, account, None)
    if (folder / "cluster").exists():
        raise StartError(f"the user {account.name}, who owns {folder}/cluster, cannot enter it")
    home = shared / secrets.token_hex(8)
    return _layout(home, service_account(home / "cluster"), location)


def _layout(home: Path, account: Account, location: Path | None) -> Layout:
    cluster = home / "cluster"
    return Layout(account, cluster, _socket_folder(home), home / "postgres.log", location)


def _socket_folder(home: Path) -> Path:
    """Return a folder with a path short enough for a socket, the same one at each start."""
    usual = home / "socket"
    if len(os.fsencode(usual / _SOCKET_NAME)) < _SOCKET_PATH_LIMIT:
        return usual
    name = f"pisovereign-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]}"
    runtime = Path(f"/run/user/{os.geteuid()}")
    return (runtime if os.access(runtime, os.W_OK | os.X_OK) else Path("/tmp")) / name  # noqa: S108


def make_private(folder: Path, account: Account) -> None:
    """Make `folder`, open to `account` alone.

    Raises:
        StartError: something is there already that belongs to another user, or is open to others.
    """
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        pass
    # In /tmp anybody may have been faster, also with a link to another place.
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != account.uid:
        raise StartError(f"{folder} must be a folder of {account.name} with mode 0700; remove it")
