"""What is the same for each command of a runner, and what is told to one."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pisovereign.runner.account import Account
from pisovereign.runner.limits import Limits
from pisovereign.runner.sandbox import Isolation


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Whom commands run as, and what they may use and see.

    `filtered` says whether this machine can filter system calls, `hidden` what no command sees.
    """

    limits: Limits
    isolation: Isolation
    account: Account
    filtered: bool
    hidden: tuple[Path, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be executed: a file and its arguments, the name first."""

    program: str
    argv: tuple[str, ...]
    network: bool
    timeout_s: float
