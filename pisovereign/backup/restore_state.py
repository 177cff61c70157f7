"""How far a restore came that was asked for on the page, across the start that completes it."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.backup.switch import discard, finish, is_begun, is_pending
from pisovereign.errors import StartError
from pisovereign.files import replace_private
from pisovereign.process.instance_lock import nobody_else

_FILE = "restore.json"
_log = logging.getLogger(__name__)
Stage = Literal["checking", "loading", "starting", "done", "failed"]
UNDER_WAY: tuple[Stage, ...] = ("checking", "loading", "starting")


class RestoreState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A restore that goes on, or the last one.

    Attributes:
        stage: `checking`: the file is read whole; `loading`: the installation in it is made beside
            the present one; `starting`: it is complete, and takes the other's place at the next
            start; `done`; `failed`: nothing was changed.
        file: the name of the backup.
        changed_at: when it came to this stage.
        made_at: when the backup was made, once that is known.
        rows: how many rows it holds, once that is known.
        error: why it failed.
        kept: the folder, in the data folder, with what was there before.
    """

    stage: Stage
    file: str
    changed_at: dt.datetime
    made_at: dt.datetime | None = None
    rows: int | None = None
    error: str | None = None
    kept: str | None = None


def read_state(data_dir: Path) -> RestoreState | None:
    """Return the state; None: no restore was asked for since the last one on a command line."""
    try:
        return msgspec.json.decode((data_dir / _FILE).read_bytes(), type=RestoreState)
    except (OSError, msgspec.MsgspecError):
        return None


def begin_state(data_dir: Path, file: str) -> None:
    """Note that a restore begins."""
    _write(data_dir, RestoreState(stage="checking", file=file, changed_at=_now()))


def note(data_dir: Path, stage: Stage, **fields: object) -> None:
    """Note another stage of the restore that goes on, and what is known of it."""
    state = read_state(data_dir)
    if state is not None:
        changed = {"stage": stage, "changed_at": _now(), **fields}
        _write(data_dir, msgspec.structs.replace(state, **changed))


def complete(data_dir: Path) -> None:
    """Complete a restore that waits for the next start, and forget one that was interrupted.

    Only before anything runs in the data folder. May be repeated after any interruption.

    Raises:
        StartError: Something runs, or cannot be moved.
    """
    state = read_state(data_dir)
    waits = state is not None and state.stage in UNDER_WAY
    pending = is_pending(data_dir)
    if not (waits or pending or is_begun(data_dir)):
        return
    with nobody_else(data_dir):
        if pending:
            # Whatever stands there: after an end between here and below it is known as done.
            try_to_note(data_dir, "starting", error=None)
        kept = finish(data_dir)
        discard(data_dir)
        # What was interrupted between the last move and here is done too, and so is what was
        # decided by a program that ended before it could say so.
        if pending or (state is not None and state.stage == "starting"):
            try_to_note(data_dir, "done", kept=kept.name if kept else None, error=None)
        elif waits:
            try_to_note(data_dir, "failed", error="it was interrupted; nothing was changed")


def forget_state(data_dir: Path) -> None:
    """Remove the state: what follows is not the restore that it tells of."""
    (data_dir / _FILE).unlink(missing_ok=True)


def try_to_note(data_dir: Path, stage: Stage, **fields: object) -> None:
    """Note a stage; without room for that, tell nothing rather than what is not so."""
    try:
        note(data_dir, stage, **fields)
    except StartError as error:
        _log.warning("a restore reached the stage %s, which cannot be noted: %s", stage, error)
        if stage != "failed":
            forget_state(data_dir)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _write(data_dir: Path, state: RestoreState) -> None:
    replace_private(data_dir / _FILE, msgspec.json.encode(state))
