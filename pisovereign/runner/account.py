"""The user that commands run as."""

from __future__ import annotations

import os
import pwd

import msgspec

from pisovereign.errors import StartError

OWN_ACCOUNT = "pisovereign-runner"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user.

    `switch` says whether a command must change to it, `dedicated` whether nothing but commands runs
    as this user.
    """

    uid: int
    gid: int
    switch: bool
    dedicated: bool

    def become(self) -> None:
        """Change this process to the user, without the groups of the former one."""
        if self.switch:
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)


def command_account(name: str = "") -> Account:
    """Return whom commands run as.

    Ordinary users' commands run as themselves. Root's run as the named account, else as
    `pisovereign-runner`, else as `nobody`, which other programs may run as too.

    Raises:
        StartError: there is no account of that name, or this process cannot become it.
    """
    for candidate in (name,) if name else (OWN_ACCOUNT, "nobody"):
        entry = _entry(candidate)
        if entry is None or (os.geteuid() not in (0, entry.pw_uid)):
            continue
        return Account(
            uid=entry.pw_uid,
            gid=entry.pw_gid,
            switch=os.geteuid() != entry.pw_uid,
            dedicated=candidate != "nobody",
        )
    if name:
        raise StartError(f"commands cannot run as {name}: no such account, or not root")
    if os.geteuid() == 0:
        raise StartError(f"make an account for commands: useradd --system {OWN_ACCOUNT}")
    return Account(uid=os.geteuid(), gid=os.getegid(), switch=False, dedicated=False)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
