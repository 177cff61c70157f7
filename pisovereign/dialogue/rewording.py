"""The last command with other words in it: "and eggs", "no, oat milk", "the same for Tom"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command
from pisovereign.dialogue.changeable_arguments import changed, slots_of
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import Done, Run, Step


def reworded(done: Done, reading: Reading) -> Sequence[Step]:
    """Return what was done with other words: "no, oat milk"."""
    slots = slots_of(done.command)
    failed = done.ended == "failed"
    if (done.inverse is None and done.approval is None and not failed) or done.ended == "gone":
        return ()
    denial = reading.markers[0]
    if not reading.has("correct") and not reading.text[denial.end :].lstrip().startswith(","):
        return ()
    if {m.kind for m in reading.markers} - {"no", "correct", "also", "filler", "thanks", "carrier"}:
        return ()
    if slots.items is not None:
        new = msgspec.structs.replace(done.command, **{slots.items: reading.items})
    elif slots.text is not None and isinstance(getattr(done.command, slots.text), str):
        new = msgspec.structs.replace(done.command, **{slots.text: reading.rest})
    else:
        return ()
    return (Run(command=new, replaces=None if failed else done),)


def added(command: Command, reading: Reading) -> Command | None:
    """Return the same for something else: "and eggs", "the same for Tom"."""
    slots = slots_of(command)
    if slots.items is not None:
        return msgspec.structs.replace(command, **{slots.items: reading.items})
    if slots.text is None or not spec_of(command).side_effects or not reading.content[0].isupper():
        return None
    title = getattr(command, slots.text)
    renamed = _renamed(title, reading.content) if isinstance(title, str) else None
    return None if renamed is None else msgspec.structs.replace(command, **{slots.text: renamed})


def _renamed(title: str, name: str) -> str | None:
    """Return a title with its last name replaced; None: it has none."""
    names = [found for found in re.finditer(r"\b[^\W\d_]+\b", title) if found.group()[0].isupper()]
    if not names:
        return None
    last = names[-1]
    return title[: last.start()] + name + title[last.end() :]


def elsewhere(command: Command, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the same question about another place or thing: "and Graz?", "and the glass?"."""
    slots = slots_of(command)
    if spec_of(command).side_effects:
        return ()
    if slots.topic is not None:
        asked = msgspec.structs.replace(command, **{slots.topic: reading.content})
        other = asked if reading.when.is_empty else changed(asked, reading, now)
        return () if other is None else (Run(command=other),)
    if slots.place is None:
        return ()
    new = changed(command, reading._replace(place=reading.content), now)
    return () if new is None else (Run(command=new),)
