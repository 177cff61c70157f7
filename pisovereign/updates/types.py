"""Types of the routes of updates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.updates.bundle import FILE_NAME
from pisovereign.updates.progress import InstallProgress


class Running(msgspec.Struct, frozen=True):
    """The system that runs: its version, when its sources were changed, its kind and its slot."""

    version: str
    built_at: dt.datetime
    product: str
    system: Literal["a", "b"]


class Offered(msgspec.Struct, frozen=True):
    """An update that may be installed here.

    Attributes:
        source: `address`, or `stick` for one on a memory stick.
        file: its name.
        version: of the program in it.
        built_at: when its sources were changed.
        urgency: `security` for a security update.
        notes: what is new.
        size: in bytes.
    """

    source: Literal["address", "stick"]
    file: str
    version: str
    built_at: dt.datetime
    urgency: Literal["security", "usual"]
    notes: str
    size: int


class UpdateWorkState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The work on an update that goes on, or was last: bytes fetched of all, or why it failed."""

    status: Literal["fetching", "installing", "done", "failed", "stopped"]
    file: str
    then_try: bool = False
    done: int = 0
    total: int = 0
    error: str | None = None


class LastUpdate(msgspec.Struct, frozen=True):
    """The outcome of the last update that was installed."""

    stage: Literal["writing", "written", "trying", "kept", "rolled_back", "failed"]
    version: str
    built_at: dt.datetime
    before: str
    notes: str
    changed_at: dt.datetime
    error: str | None


class Updates(msgspec.Struct, frozen=True, kw_only=True):
    """The version that runs, the ones there are, and what goes on.

    Attributes:
        possible: whether the system of this machine can be updated from here.
        running: the system that runs; None where it cannot.
        offered: updates that are newer than that, the newest first.
        checked_at: when the address was last asked.
        check_failed: why it could not be, the last time.
        work: what is being done, or was last.
        progress: how far root's program has come.
        last: what has become of the last update.
        automatic: which are installed automatically.
        at: at which time of the day.
        choosable: whether that may be chosen here; else the configuration says it.
    """

    possible: bool
    running: Running | None
    offered: list[Offered]
    checked_at: dt.datetime | None
    check_failed: str | None
    work: UpdateWorkState | None
    progress: InstallProgress | None
    last: LastUpdate | None
    automatic: Literal["off", "security", "all"]
    at: str
    choosable: bool


class InstallWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the offered updates to install, and whether to start it at once."""

    source: Literal["address", "stick"]
    file: Annotated[str, Meta(pattern=FILE_NAME)]
    then_try: bool = False
