"""Choose the user that PostgreSQL runs as, since it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import NamedTuple, TypedDict

from pisovereign.errors import StartError

_CANDIDATES = ("postgres", "nobody")
_CHECK_LIMIT_S = 30


class Identity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that make a program run as an account."""

    user: int
    group: int
    extra_groups: list[int]


class Account(NamedTuple):
    """A user of this machine; `switch` says whether a program must change its user to run as it."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def identity(self) -> Identity:
        """Return arguments that start a program as this user, without root's further groups."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Return whether this user may open files in `folder`, as the kernel decides it."""
        return self._succeeds(["test", "-x", str(folder)])

    def can_run(self, program: Path) -> bool:
        """Return whether `program --version` works for this user."""
        return self._succeeds([str(program), "--version"])

    def can_read(self, file: Path) -> bool:
        """Return whether this user may read `file`."""
        return self._succeeds(["test", "-r", str(file)])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                timeout=_CHECK_LIMIT_S,
                check=False,
                **self.identity,
            )
        except OSError:
            return False
        return done.returncode == 0


def current_account() -> Account:
    """Return the user that this process runs as."""
    return _account(os.geteuid(), switch=False)


def service_account(cluster: Path) -> Account:
    """Return the user that is to run the server of `cluster`.

    An ordinary user runs it as themselves. Root runs it as the cluster's owner, and a new one as
    `postgres` or, where that user does not exist, as `nobody`.

    Raises:
        StartError: the cluster belongs to root, or to somebody this process cannot become.
    """
    owner = _owner(cluster)
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise StartError(
                f"the database in {cluster} belongs to {_account(owner or 0, switch=False).name};"
                " start PiSovereign as that user, or as root if root made it"
            )
        return current_account()
    if owner == 0:
        raise StartError(
            f"the database in {cluster} belongs to root, as which PostgreSQL does not run;"
            f" run: chown -R postgres: {cluster}"
        )
    if owner is not None:
        return _account(owner, switch=True)
    for name in _CANDIDATES:
        try:
            return _account(pwd.getpwnam(name).pw_uid, switch=True)
        except KeyError:
            continue
    raise StartError(
        "PostgreSQL does not run as root, and neither of the users postgres and nobody exists;"
        " start PiSovereign as an ordinary user"
    )


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise StartError(f"{path} cannot be entered; start PiSovereign as its owner") from error


def _account(uid: int, *, switch: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, os.getegid() if not switch else uid, switch)
    return Account(entry.pw_name, uid, entry.pw_gid, switch)
