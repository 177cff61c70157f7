"""Messages that answer what the assistant has asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pisovereign.actions.types import Command
from pisovereign.dialogue import handling, targets
from pisovereign.dialogue.changeable_arguments import changed, given, slots_of
from pisovereign.dialogue.commands import chosen, complete, confirmed, type_named
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import Ask, Item, Plan, Question, Run, Say, Step

# A message with one of these is an order of its own.
_ORDERS = ("cancel", "move", "undo", "remind")


def answer(question: Question, reading: Reading, now: dt.datetime) -> Plan | None:
    """Return what a message means as the answer to a question; None: it is no answer to it.

    Args:
        question: What was asked.
        reading: The message.
        now: When it was said.
    """
    if reading.consists_of("stop", "no", "cancel", "pronoun") and reading.has(
        "stop", "no", "cancel"
    ):
        return _plan(reading, Say(key="dropped"))
    takes_words = asks_for_words(question)
    if not takes_words and (reading.has(*_ORDERS) or not _names_choices(question, reading)):
        return None
    match question.kind:
        case "choice":
            return _choice(question, reading)
        case "missing":
            return _missing(question, reading, now)
        case _:
            return _decision(question, reading, now)


def asks_for_words(question: Question) -> bool:
    """Return whether it asks for words of the user's own, which may be any."""
    return question.kind == "missing" and slots_of(type_of(question)).text in question.missing


def _names_choices(question: Question, reading: Reading) -> bool:
    """Return whether a kind that is named is one of the choices."""
    return reading.things <= {item.kind for item in question.choices}


def _decision(question: Question, reading: Reading, now: dt.datetime) -> Plan | None:
    """Return what a yes means; a time beside it changes what was proposed: "yes, but at 9"."""
    if reading.content or reading.talks or reading.is_question or reading.has("no", "stop"):
        return None
    if not reading.begins_with("yes"):
        return None
    if question.choices:
        steps = tuple(Run(command=command) for command in handling.removal(question.choices))
        return _plan(reading, *steps) if steps else None
    found = given(type_of(question), question.missing, reading) if question.missing else {}
    if question.missing and len(found) < len(question.missing):
        return _plan(reading, _ask_again(question, found, now))
    command = complete(question, **found) if found else confirmed(question)
    if command is None:
        return None
    if not found and not reading.when.is_empty:
        command = changed(command, reading, now) or command
    return _plan(reading, Run(command=command))


def _choice(question: Question, reading: Reading) -> Plan | None:
    if reading.talks or reading.is_question:
        return None
    items = _chosen_items(question, reading)
    commands = [command for item in items if (command := _about(question, item))]
    if not commands or len(commands) < len(items):
        return None
    return _plan(reading, *(Run(command=command) for command in commands))


def _about(question: Question, item: Item) -> Command | None:
    """Return what is done if one of the choices is meant."""
    if question.commands:
        return question.commands[question.choices.index(item)]
    return chosen(question, item)


def _chosen_items(question: Question, reading: Reading) -> list[Item]:
    if reading.content:
        return targets.meant(reading, question.choices) or []
    items = targets.numbered(reading, question.choices)
    if not items and not reading.times.is_empty:
        return targets.timed(reading, question.choices)
    return items or targets.meant(reading, question.choices) or []


def _missing(question: Question, reading: Reading, now: dt.datetime) -> Plan | None:
    """Return the completed command, or what is still to be asked."""
    if reading.is_question or reading.begins_with("talk", "account", "did"):
        return None
    if reading.content and reading.begins_with("thanks", "greeting"):
        return None
    if asks_for_words(question) and not reading.content:
        return _other_time(question, reading, now)
    found = given(type_of(question), question.missing, reading)
    if not found or (reading.content and not _takes_words(question, found)):
        return None
    left = tuple(name for name in question.missing if name not in found)
    if left:
        return _plan(reading, _ask_again(question, found, now))
    command = complete(question, **found)
    if command is None:
        return None
    return _plan(reading, Run(command=_retimed(command, question, reading, now)))


def _other_time(question: Question, reading: Reading, now: dt.datetime) -> Plan | None:
    """Return the same question with another time: "make it 8" instead of the words asked for."""
    name = slots_of(type_of(question)).moment
    known = question.known.get(name or "")
    if reading.when.is_empty or name is None or not isinstance(known, str):
        return None
    moved = reading.when.moved(dt.datetime.fromisoformat(known))
    return None if moved is None else _plan(reading, _ask_again(question, {name: moved}, now))


def _takes_words(question: Question, found: dict[str, Any]) -> bool:
    """Return whether the words of an answer are an argument; a bare time has none beside it."""
    slots = slots_of(type_of(question))
    timed = {slots.moment, slots.end, slots.seconds, slots.date}
    return not found.keys() <= timed


def _retimed(command: Command, question: Question, reading: Reading, now: dt.datetime) -> Command:
    """Return a command with a time that was known, as far as the answer says another one."""
    slots = slots_of(command)
    if slots.moment is None or slots.moment in question.missing or reading.times.is_empty:
        return command
    without = reading._replace(number=None, place=None)
    return changed(command, without, now) or command


def _ask_again(question: Question, found: dict[str, Any], now: dt.datetime) -> Ask:
    left = tuple(name for name in question.missing if name not in found)
    known = question.known | msgspec.to_builtins(found)
    return Ask(
        msgspec.structs.replace(
            question, kind="missing", known=known, missing=left, at=now, passed=0
        )
    )


def type_of(question: Question) -> type[msgspec.Struct]:
    """Return the struct of the command that a question is about."""
    return type_named(question.type) or msgspec.Struct


def _plan(reading: Reading, *steps: Step) -> Plan:
    return Plan(steps=steps, language=reading.language, answered=True)
