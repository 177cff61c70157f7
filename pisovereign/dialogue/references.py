"""Things that were shown, made or changed, and messages that name a part of them."""

from __future__ import annotations

import datetime as dt

from pisovereign.actions import types
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.changeable_arguments import slots_of
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import DialogueState, Item, Plan, Run


def things(state: DialogueState) -> list[Item]:
    """Return what was shown, made or changed last, each thing once."""
    found = list(state.shown)
    for done in (state.effect, state.last):
        found += done.items if done is not None and done.ended is None else ()
    return list({_key(item): item for item in reversed(found)}.values())


def _key(item: Item) -> tuple[str, str]:
    """Return what a thing is known by; entries of a list may lack an id."""
    return item.kind, item.title if item.kind == "item" else item.id or item.title


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


def named_before(state: DialogueState, before: str, reading: Reading) -> Plan | None:
    """Return the plan to take away what was named just before: "I have the butter, drop it".

    Args:
        state: What was shown, made or changed.
        before: What was said first.
        reading: The order at the end of the message.
    """
    if reading.content or reading.talks or reading.is_question or reading.has("no"):
        return None
    if not (reading.has("cancel") and reading.has("pronoun")):
        return None
    items = targets.titles_in(before, things(state))
    commands = handling.removal(items) if len(items) == 1 else []
    steps = tuple(Run(command=command) for command in commands)
    return Plan(steps=steps, language=reading.language) if steps else None


def another_reminder(state: DialogueState, reading: Reading) -> Plan | None:
    """Return the plan for a reminder some time after the last one.

    "Remind me an hour later to lock the shed"; None: that is not what a message asks for.
    """
    if not (reading.has("remind") and reading.content and reading.when.is_length):
        return None
    made = next((d for d in (state.last, state.effect) if d is not None and d.ended is None), None)
    at = made.items[0].at if made is not None and len(made.items) == 1 else None
    minutes = reading.when.minutes
    if at is None or not minutes or not reading.has("later", "earlier"):
        return None
    length = dt.timedelta(minutes=minutes)
    at = at - length if reading.has("earlier") else at + length
    new = types.CreateReminder(title=reading.content, remind_at=at)
    return Plan(steps=(Run(command=new),), language=reading.language)
