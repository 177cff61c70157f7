"""Tells owners what has become of an update: most are tried at night, while nobody looks."""

from __future__ import annotations

import asyncio
import functools
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from pisovereign.files import replace_private
from pisovereign.languages import Language, load_data
from pisovereign.notifications.owner_notices import OwnerNotice, OwnerNotices
from pisovereign.updates.board import Board
from pisovereign.updates.state import UpdateState, read_state

_ABOUT = UUID("b3b0b9d4-5f0e-4a43-9a37-6f0d2b6a1c58")
_TOLD = ".told.json"
_LOOK_S = 60.0
_ENDS = {"kept": 0, "rolled_back": 1, "failed": 2}


class UpdateEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The event that an update came to its end.

    `version` is that of the update, `before` the one that ran until then; `error` is why it was not
    kept.
    """

    stage: Literal["kept", "rolled_back", "failed"]
    version: str
    before: str
    error: str | None


class _Told(msgspec.Struct, frozen=True):
    """Which end of which update owners know of."""

    id: str
    stage: str


class UpdateOutcomes:
    """Looks what has become of the last update, and tells it once.

    Args:
        board: The machine, whose state says it; what was told is noted beside what is fetched.
        notices: Tells owners.
    """

    def __init__(self, board: Board, notices: OwnerNotices) -> None:
        self._board = board
        self._notices = notices

    async def look(self) -> float:
        """Tell what is new; returns the seconds until the next look."""
        state = await asyncio.to_thread(read_state, self._board.state)
        if state is None or state.stage not in _ENDS:
            return _LOOK_S
        now = _Told(state.id, state.stage)
        if await asyncio.to_thread(self._told) == now:
            return _LOOK_S
        ended = UpdateEnded(
            stage=state.stage,  # type: ignore[arg-type]
            version=state.version,
            before=state.before,
            error=state.error,
        )
        await self._notices.tell(_notice(state, ended))
        # Last: whoever ends before tells it again, which the outbox sends once.
        place = self._board.incoming / _TOLD
        await asyncio.to_thread(replace_private, place, msgspec.json.encode(now))
        return _LOOK_S

    def _told(self) -> _Told | None:
        try:
            return msgspec.json.decode((self._board.incoming / _TOLD).read_bytes(), type=_Told)
        except (OSError, msgspec.MsgspecError):
            return None


def outcome_text(language: Language, ended: UpdateEnded) -> str:
    """Return what owners are told."""
    words: dict[str, str] = load_data(language, "page")["update_outcomes"]
    return words[ended.stage].format(
        version=ended.version, before=ended.before, error=ended.error or ""
    )


def _notice(state: UpdateState, ended: UpdateEnded) -> OwnerNotice:
    return OwnerNotice(
        about="update",
        subject=uuid5(_ABOUT, state.id),
        number=_ENDS[ended.stage] * 10,
        event="update_ended",
        data=ended,
        text=functools.partial(outcome_text, ended=ended),
    )
