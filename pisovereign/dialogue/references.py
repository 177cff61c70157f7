"""Things that were shown, made or changed, and messages that name a part of them."""

from __future__ import annotations

from pisovereign.actions.registry import spec_of
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.changeable_arguments import slots_of
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import DialogueState, Done, Item, Plan, Run


def things(state: DialogueState) -> list[Item]:
    """Return what was shown, made or changed last, each thing once."""
    found = list(state.shown)
    for done in (state.effect, state.last):
        found += done.items if done is not None and done.ended is None else ()
    return list({_key(item): item for item in reversed(found)}.values())


def _key(item: Item) -> tuple[str, str]:
    """Return what a thing is known by; entries of a list may lack an id."""
    return item.kind, item.title if item.kind == "item" else item.id or item.title


def timed_things(state: DialogueState) -> list[list[Item]]:
    """Return what has a time, in groups: what was shown, made or changed last is in the first."""
    groups = [list(state.shown), *(_made(done) for done in (state.last, state.effect) if done)]
    if state.last is not None and spec_of(state.last.command).side_effects:
        groups[:2] = groups[1::-1]
    timed = ([item for item in group if item.at is not None] for group in groups)
    return [group for group in timed if group]


def _made(done: Done) -> list[Item]:
    """Return what a command made, changed or showed, or will make once it is approved."""
    if done.ended is not None or type(done.command) in handling.REMOVING:
        return []
    slots = slots_of(done.command)
    if done.approval is None or slots.moment is None or slots.text is None:
        return list(done.items)
    title, at = getattr(done.command, slots.text), getattr(done.command, slots.moment)
    kind = spec_of(done.command).handling.makes or "text"
    return [Item(kind=kind, title=title, at=at)] if isinstance(title, str) else []


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
