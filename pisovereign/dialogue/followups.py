"""Messages that go on from what was done or shown last: "and tomorrow?", "cancel that"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.actions import types
from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.changeable_arguments import changed, slots_of
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.references import things
from pisovereign.dialogue.reminding import remind_of_that
from pisovereign.dialogue.rewording import added, elsewhere, reworded
from pisovereign.dialogue.types import (
    Ask,
    DialogueState,
    Done,
    Plan,
    Question,
    Run,
    Say,
    Step,
    Withdraw,
)
from pisovereign.text.untrusted import one_line

_MOST_WORDS = 4
_MOST_CHARACTERS = 200
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
        return remind_of_that(state, reading, now)
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
        items = targets.meant(reading, things(state)) or []
        return _runs(handling.removal(items)) if len(items) == 1 else ()
    if reading.has("move") and not reading.when.is_empty:
        items = targets.meant(reading, state.shown) or []
        moved = handling.move(items[0], reading) if len(items) == 1 else None
        return () if moved is None else (Run(command=moved),)
    if reading.begins_with("correct", "no") and (corrected := _corrected(state)) is not None:
        return reworded(corrected, reading)
    if not reading.begins_with("also") or state.last is None or state.last.ended == "gone":
        return ()
    if not reading.is_question and not reading.has("question"):
        more = added(state.last.command, reading)
        if more is not None and not reading.when.is_empty:
            more = changed(more, reading, now)
        if more is not None:
            return (Run(command=more),)
    return elsewhere(state.last.command, reading, now)


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
    # Where nothing had rung that could be put off, "it" is what is still to come.
    put_off = last is not None and isinstance(last.command, types.SnoozeReminder)
    if last is not None and last.ended is not None and not put_off:
        return (Say(key="nothing_done"),)
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
    done = _corrected(state) if reading.has("move") else state.last
    only = state.shown[0] if len(state.shown) == 1 else None
    asked = state.last is not None and not spec_of(state.last.command).side_effects
    if reading.has("move") and asked and only and (command := handling.move(only, reading)):
        return (Run(command=command),)
    if done is None:
        done = state.last
    if done is not None and _is_gone(done, reading):
        return gone(done)
    if done is not None and (step := _revised(done, reading, now)):
        return (step,)
    if only is not None and (command := handling.move(only, reading)):
        return (Run(command=command),)
    return ()


def _corrected(state: DialogueState) -> Done | None:
    """Return what a correction is about: the last command if it came to nothing, or the effect."""
    last = state.last
    return last if last is not None and last.ended is not None else state.effect


def _is_gone(done: Done, reading: Reading) -> bool:
    """Return whether what is to be changed is not there any longer."""
    if done.ended is not None:
        return done.ended == "gone"
    return type(done.command) in handling.REMOVING and not reading.has("correct", "no")


def gone(done: Done) -> Sequence[Step]:
    """Return the step that says that something is not there any longer."""
    text = slots_of(done.command).text
    named = getattr(done.command, text) if text is not None else None
    title = done.items[0].title if done.items else named
    if not isinstance(title, str):
        return (Say(key="nothing_meant"),)
    return (Say(key="gone", values={"title": one_line(title, _MOST_CHARACTERS)}),)


def _revised(done: Done, reading: Reading, now: dt.datetime) -> Step | None:
    if not spec_of(done.command).side_effects:
        new = changed(done.command, reading, now)
        return None if new is None else Run(command=new)
    if done.ended == "failed":
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
    has_effect = spec_of(last.command).side_effects
    if has_effect and not reading.has("also", "besides"):
        return ()
    if last.ended == "gone":
        return gone(last)
    if has_effect and last.ended is None and (more := handling.one_more(last, reading)):
        return (Run(command=more),)
    new = changed(last.command, reading, now)
    return () if new is None else (Run(command=new),)


def _same_for_another(state: DialogueState, done: Done, reading: Reading) -> Sequence[Step]:
    """Return the same for another thing of the list: "and the third one"."""
    if type(done.command) not in handling.REMOVING:
        return ()
    return _runs(handling.removal(targets.meant(reading, state.shown) or []))


def _repeat(command: Command) -> Sequence[Step]:
    """Return the same once more: a question, or a timer; other things would be there twice."""
    if spec_of(command).side_effects and slots_of(command).seconds is None:
        return ()
    return (Run(command=command),)


def _runs(commands: Sequence[Command]) -> Sequence[Step]:
    return tuple(Run(command=command) for command in commands)
