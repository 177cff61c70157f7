"""Messages that go on from what was done or shown last: "and tomorrow?", "cancel that"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import msgspec

from pisovereign.actions import types
from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.slots import changed, slots_of
from pisovereign.dialogue.types import (
    Ask,
    DialogueState,
    Done,
    Item,
    Plan,
    Question,
    Run,
    Say,
    Step,
    Withdraw,
)

_MOST_WORDS = 4
_REVISING = ("move", "change", "correct", "no")


def follow(state: DialogueState, reading: Reading, now: dt.datetime) -> Plan | None:
    """Return what a message means after what was before it; None: it does not refer to that.

    Args:
        state: What was before it.
        reading: The message.
        now: When it was said.
    """
    steps = _with_rest(state, reading, now) if reading.content else _covered(state, reading, now)
    return Plan(steps=tuple(steps), language=reading.language) if steps else None


def _covered(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the steps for a message that consists of markers, times and a place."""
    if reading.talks or not _names_known(state, reading):
        return ()
    if reading.has("undo"):
        return take_back(state.effect)
    if reading.has("cancel"):
        return _cancel(state, reading, now)
    if reading.has("remind"):
        return _remind(state, reading, now)
    has_slot = not reading.when.is_empty or reading.place is not None
    shifts = reading.when.is_length and reading.has("later", "earlier")
    if has_slot and (shifts or reading.has(*_REVISING)):
        return _revise(state, reading, now)
    if reading.begins_with("also") and reading.ordinals and state.effect is not None:
        return _same_for_another(state, state.effect, reading)
    if has_slot and not reading.has("yes", "stop"):
        return _vary(state, reading, now)
    if reading.has("again") and state.last is not None and reading.consists_of("again", "pronoun"):
        return _repeat(state.last.command)
    return ()


def _with_rest(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the steps for a message that has words of its own, few of them."""
    if reading.talks or len(reading.content.split()) > _MOST_WORDS:
        return ()
    if not _names_known(state, reading):
        return ()
    if reading.has("cancel"):
        items = targets.meant(reading, state.shown) or []
        return _runs(handling.removal(items)) if len(items) == 1 else ()
    if reading.has("move") and not reading.when.is_empty:
        items = targets.meant(reading, state.shown) or []
        moved = handling.move(items[0], reading) if len(items) == 1 else None
        return () if moved is None else (Run(command=moved),)
    if reading.begins_with("correct", "no") and state.effect is not None:
        return _reworded(state.effect, reading)
    if not reading.begins_with("also") or state.last is None:
        return ()
    if not reading.is_question and not reading.has("question"):
        added = _added(state.last.command, reading)
        if added is not None and not reading.when.is_empty:
            added = changed(added, reading, now)
        if added is not None:
            return (Run(command=added),)
    return _elsewhere(state.last.command, reading, now)


def _names_known(state: DialogueState, reading: Reading) -> bool:
    """Return whether what is named by its kind was made or shown: "the alarm" may be a new one."""
    known = {item.kind for item in state.shown}
    known |= {item.kind for done in (state.last, state.effect) if done for item in done.items}
    refers = reading.ordinals or reading.has("pronoun", "both", "all", "cancel", *_REVISING)
    return reading.things <= known and (not reading.things or bool(refers))


def take_back(done: Done | None) -> Sequence[Step]:
    """Return the step that takes back what was done last."""
    if done is None:
        return (Say(key="nothing_done"),)
    if done.approval is not None:
        return (Withdraw(done, done.approval),)
    if done.inverse is not None:
        return (Run(command=done.inverse),)
    return (Say(key="no_way_back"),)


def _cancel(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the steps that take away what is named, or what was done last."""
    if not reading.times.is_empty:
        items = targets.timed(reading, state.shown)
    elif reading.number is not None:
        items = targets.numbered(reading, state.shown)
    else:
        named = targets.meant(reading, state.shown)
        if named is None:
            return _cancel_it(state)
        items = named
    if reading.has("all") and len(items) > 1:
        question = Question(kind="confirm", type="", choices=tuple(items), at=now)
        return (Ask(question),)
    if not items and reading.has("both") and (kind := handling.remover(state.shown)):
        asked = Question(kind="choice", type=kind.__name__, choices=state.shown, at=now)
        return (Ask(asked),)
    return _runs(handling.removal(items))


def _cancel_it(state: DialogueState) -> Sequence[Step]:
    """Return the step for "cancel that": the one thing that was just shown, or what was done."""
    last = state.last
    shown_last = last is not None and not spec_of(last.command).side_effects
    if shown_last and len(state.shown) == 1 and (steps := _runs(handling.removal(state.shown))):
        return steps
    done = state.effect
    # What was moved twice is to be gone, not back where it was.
    if done is not None and _is_there(done) and (steps := _runs(handling.removal(done.items))):
        return steps
    return take_back(done)


def _is_there(done: Done) -> bool:
    """Return whether a command made or changed things that can be taken away by their ids."""
    if done.approval is not None or type(done.command) in handling.REMOVING:
        return False
    return all(handling.can_name(item) for item in done.items)


def _revise(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the step that does what was done last in another way, or moves what is named."""
    if reading.ordinals or reading.has("both", "all"):
        items = targets.meant(reading, state.shown) or []
        moved = [command for item in items if (command := handling.move(item, reading))]
        return _runs(moved) if len(moved) == len(items) else ()
    done = state.effect if reading.has("move") else state.last
    if done is None:
        done = state.last
    if done is not None and (step := _revised(done, reading, now)):
        return (step,)
    if len(state.shown) == 1 and (command := handling.move(state.shown[0], reading)):
        return (Run(command=command),)
    return ()


def _revised(done: Done, reading: Reading, now: dt.datetime) -> Step | None:
    if not spec_of(done.command).side_effects:
        new = changed(done.command, reading, now)
        return None if new is None else Run(command=new)
    only_time = reading.place is None and slots_of(done.command).seconds is None
    if done.approval is None and only_time and len(done.items) == 1:
        moved = handling.move(done.items[0], reading)
        if moved is not None:
            return Run(command=moved)
    new = changed(done.command, reading, now)
    if new is None or (done.approval is None and done.inverse is None):
        return None
    return Run(command=new, replaces=done)


def _vary(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the last command with other arguments; one with an effect only if that is said."""
    last = state.last
    if last is None:
        return ()
    if spec_of(last.command).side_effects and not reading.begins_with("also"):
        return ()
    new = changed(last.command, reading, now)
    return () if new is None else (Run(command=new),)


def _same_for_another(state: DialogueState, done: Done, reading: Reading) -> Sequence[Step]:
    """Return the same for another thing of the list: "and the third one"."""
    if type(done.command) not in handling.REMOVING:
        return ()
    return _runs(handling.removal(targets.meant(reading, state.shown) or []))


def _remind(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the reminder of what was shown or done: "remind me of that at 8"."""
    item = referent(state)
    if item is None or not reading.has("pronoun"):
        return ()
    when = None if reading.when.is_empty else reading.when.reminder()
    if when is not None:
        return (Run(command=types.CreateReminder(title=item.title, remind_at=when)),)
    known = {"title": item.title}
    question = Question(
        kind="missing", type="CreateReminder", known=known, missing=("remind_at",), at=now
    )
    return (Ask(question),)


def referent(state: DialogueState) -> Item | None:
    """Return the one thing that "it" may be: the only one shown last, or the one made last."""
    if len(state.shown) == 1:
        return state.shown[0]
    done = state.last
    if done is None:
        return None
    if len(done.items) == 1:
        return done.items[0]
    text = slots_of(done.command).text
    title = getattr(done.command, text) if text is not None else None
    return Item(kind="text", title=title) if isinstance(title, str) else None


def _repeat(command: Command) -> Sequence[Step]:
    """Return the same once more: a question, or a timer; other things would be there twice."""
    if spec_of(command).side_effects and slots_of(command).seconds is None:
        return ()
    return (Run(command=command),)


def _reworded(done: Done, reading: Reading) -> Sequence[Step]:
    """Return what was done with other words: "no, oat milk"."""
    slots = slots_of(done.command)
    if done.inverse is None and done.approval is None:
        return ()
    denial = reading.markers[0]
    if not reading.has("correct") and not reading.text[denial.end :].lstrip().startswith(","):
        return ()
    if {m.kind for m in reading.markers} - {"no", "correct", "also", "filler", "carrier"}:
        return ()
    if slots.items is not None:
        new = msgspec.structs.replace(done.command, **{slots.items: reading.items})
    elif slots.text is not None and isinstance(getattr(done.command, slots.text), str):
        new = msgspec.structs.replace(done.command, **{slots.text: reading.rest})
    else:
        return ()
    return (Run(command=new, replaces=done),)


def _added(command: Command, reading: Reading) -> Command | None:
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


def _elsewhere(command: Command, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the same question about another place, where the place has no preposition."""
    if spec_of(command).side_effects or slots_of(command).place is None:
        return ()
    new = changed(command, reading._replace(place=reading.content), now)
    return () if new is None else (Run(command=new),)


def _runs(commands: Sequence[Command]) -> Sequence[Step]:
    return tuple(Run(command=command) for command in commands)
