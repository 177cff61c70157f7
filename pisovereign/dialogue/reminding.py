"""Reminders of what was shown, made or changed: "remind me of that at 8", "the evening before"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import cast

from pisovereign.actions.types import Command, CreateReminder
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.anchors import About, Anchored
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.references import referent, timed_things
from pisovereign.dialogue.types import Ask, DialogueState, Item, Plan, Question, Run, Step

_MOST_AT_ONCE = 5
"""As many reminders are made for one message."""


def remind_of_that(state: DialogueState, reading: Reading, now: dt.datetime) -> Sequence[Step]:
    """Return the reminder of what was shown or done: "remind me of that at 8"."""
    item = referent(state)
    if item is None or not reading.has("pronoun"):
        return ()
    when = None if reading.when.is_empty else reading.when.reminder()
    if when is not None:
        return (Run(command=CreateReminder(title=item.title, remind_at=when)),)
    known = {"title": item.title}
    question = Question(
        kind="missing", type="CreateReminder", known=known, missing=("remind_at",), at=now
    )
    return (Ask(question),)


def remind_relative(
    state: DialogueState, question: Question | None, reading: Reading, now: dt.datetime
) -> Plan | None:
    """Return the plan for a reminder whose time is counted from something known.

    "Remind me the evening before", "remind me an hour later to lock the shed"; None: that is not
    what a message asks for, or nothing that has a time is known.

    Args:
        state: What was shown, made or changed.
        question: What was asked.
        reading: The message.
        now: When it was said.
    """
    anchored = reading.anchored
    title = _asked_about(question)
    if anchored is None or not (anchored.reminds or title):
        return None
    for way in anchored.ways:
        # Some time after something is hardly a time to be reminded of the same.
        if anchored.when.is_after and not (way.title or title):
            continue
        items = _counted_from(state, reading, way, title)
        moved = _moved(items, reading) if not (title or way.thing or way.title) else None
        if moved is not None:
            return Plan(steps=(Run(command=moved),), language=reading.language)
        if items:
            steps = _steps(items, anchored, way.title or title, reading, now)
            return Plan(steps=steps, language=reading.language, answered=title is not None)
    return None


def _asked_about(question: Question | None) -> str | None:
    """Return of what somebody is to be reminded who was asked when; None: that was not asked."""
    if question is None or question.kind != "missing" or question.type != "CreateReminder":
        return None
    title = question.known.get("title")
    return title if question.missing == ("remind_at",) and isinstance(title, str) else None


def _counted_from(
    state: DialogueState, reading: Reading, way: About, title: str | None
) -> list[Item]:
    """Return what a moment may be counted from: what is named, or what was known last."""
    groups = timed_things(state)
    for group in groups:
        named = targets.meant(reading._replace(content=way.thing), group)
        if named is None:
            return [item for item in group if item.title == title] or group
        if named:
            return named
    return []


def _moved(items: Sequence[Item], reading: Reading) -> Command | None:
    """Return what makes a reminder itself come earlier: "remind me an hour earlier"."""
    if len(items) != 1 or items[0].kind != "reminder":
        return None
    sooner = reading.when.is_length and reading.has("earlier")
    return handling.move(items[0], reading) if sooner else None


def _steps(
    items: Sequence[Item],
    anchored: Anchored,
    title: str | None,
    reading: Reading,
    now: dt.datetime,
) -> tuple[Step, ...]:
    """Return the steps for the reminders, or for the question which of the things is meant."""
    commands = tuple(_reminder(item, anchored, title) for item in items)
    several = reading.has("all", "both", "ordinal") and len(items) <= _MOST_AT_ONCE
    if len(items) == 1 or several:
        return tuple(Run(command=command) for command in commands)
    asked = Question(
        kind="choice", type="CreateReminder", choices=tuple(items), commands=commands, at=now
    )
    return (Ask(asked),)


def _reminder(item: Item, anchored: Anchored, title: str | None) -> Command:
    at = cast("dt.datetime", item.at)
    when = anchored.when.of(at, anchored.zone)
    return CreateReminder(title=title or item.title, remind_at=when)
