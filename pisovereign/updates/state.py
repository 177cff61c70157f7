"""How far an update has come: a small file on the data partition, which both systems read.

It says what is meant. What is true says `autoboot.txt`: see `installing.settle`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.files import replace_readable
from pisovereign.updates.autoboot import Slot

_FILE = "state.json"
Stage = Literal["writing", "written", "trying", "kept", "rolled_back", "failed"]


class UpdateState(msgspec.Struct, frozen=True, kw_only=True):
    """The last update.

    Attributes:
        id: names this attempt; the copy of the database has it in its name.
        stage: `writing` into the system that does not run, `written` and verified there,
            `trying` it for one start, `kept`, `rolled_back` to the system before, `failed` before
            it was tried.
        version: of the update.
        built: when its sources were changed, in seconds since the epoch.
        notes: what is new, for people.
        slot: where it is written.
        before: the version that ran when it was installed.
        changed_at: when it came to this stage.
        error: why it failed or was rolled back.
    """

    id: str
    stage: Stage
    version: str
    built: int
    notes: str
    slot: Slot
    before: str
    changed_at: dt.datetime
    error: str | None = None


def read_state(folder: Path) -> UpdateState | None:
    """Return the state; None: nothing was ever updated, or the file is of no use."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=UpdateState)
    except (OSError, msgspec.MsgspecError):
        return None


def write_state(folder: Path, state: UpdateState) -> None:
    """Write the state, wholly or not at all, for everybody to read.

    Raises:
        StartError: It cannot be written.
    """
    replace_readable(folder / _FILE, msgspec.json.encode(state))


def moved(state: UpdateState, stage: Stage, error: str | None = None) -> UpdateState:
    """Return the state at another stage."""
    now = dt.datetime.now(dt.UTC)
    return msgspec.structs.replace(state, stage=stage, changed_at=now, error=error)


def clear_parts(folder: Path) -> None:
    """Remove what a write that was cut off has left."""
    for part in folder.glob(f".{_FILE}.*"):
        part.unlink(missing_ok=True)
