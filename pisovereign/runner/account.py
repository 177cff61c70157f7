"""The user that commands run as."""

from __future__ import annotations

import os
import pwd

import msgspec

_CANDIDATES = ("pisovereign-runner", "nobody")


class Account(msgspec.Struct, frozen=True):
    """A user; `switch` says whether a command must change to it."""

    uid: int
    gid: int
    switch: bool

    def become(self) -> None:
        """Change this process to the user, without the groups of the former one."""
        if self.switch:
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)


def command_account() -> Account:
    """Root's commands run as `pisovereign-runner` or `nobody`, other users' as themselves."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    return Account(65534, 65534, switch=True)
