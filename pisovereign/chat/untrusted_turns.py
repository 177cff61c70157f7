"""Which turns hold text that others wrote: mails, invitations, what programs printed.

A model that reads such text may do what it says. So where it wants to change something it is asked
without those turns. What cannot be told counts as such text.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pisovereign.actions import registry
from pisovereign.chat.document_notes import hold_passages
from pisovereign.chat.memory_notes import hold_outside_text
from pisovereign.chat.types import ANSWERED_BY, Turn

LEFT_OUT = "(This answer told what others wrote. It is left out here.)"


class _Typed(msgspec.Struct):
    """The type of a stored command."""

    type: str


def holds_untrusted_text(turn: Turn) -> bool:
    """Return whether a turn may hold text of others, or repeat what it says."""
    if turn.role == "user":
        # They are answerable for what they paste, not for the notes that were sent beside it.
        notes = turn.sent.removesuffix(turn.said)
        return hold_outside_text(notes) or hold_passages(notes)
    if turn.model == ANSWERED_BY:
        return turn.command is None or _told_by_commands(turn.command)
    return turn.tools is None or turn.tools.outside_text


def without_untrusted_text(history: Sequence[Turn]) -> list[Turn]:
    """Return turns with the users' own words only, and without answers that hold text of others."""
    return [_without(turn) for turn in history]


def _without(turn: Turn) -> Turn:
    if turn.role == "user":
        return msgspec.structs.replace(turn, sent=turn.said)
    if not holds_untrusted_text(turn):
        return turn
    # What a command answered is a result otherwise, and nothing is said to it.
    return msgspec.structs.replace(turn, sent=LEFT_OUT, tools=None, model=None)


def _told_by_commands(stored: str) -> bool:
    """Return whether what commands answered may hold text of others."""
    try:
        types = {each.type for each in msgspec.json.decode(stored, type=list[_Typed])}
        return not types or any(registry.spec_of_type(each).reads_outside_text for each in types)
    except (msgspec.DecodeError, StopIteration):
        return True
