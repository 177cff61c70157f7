"""Sentences that tasks say of themselves, in each language."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.actions import registry
from pisovereign.agents.quota import BudgetSpent
from pisovereign.agents.types import ANSWER, MEMORY, Draft, Part
from pisovereign.errors import (
    ContextExceeded,
    EngineMisbehaved,
    EngineUnavailable,
    PiSovereignError,
)
from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages


def say(what: str, language: Language, *values: object) -> str:
    """Return a sentence with values put into it."""
    return load_messages(language, "agents").say(what, *values)


def say_why(error: PiSovereignError, language: Language) -> str:
    """Why a sub-task could not be done."""
    match error:
        case BudgetSpent():
            return say("spent", language)
        case ContextExceeded():
            return say("too_much_text", language)
        case EngineUnavailable() | EngineMisbehaved():
            return say("no_model", language, error.message)
        case _:
            return error.message


def summary(drafts: Sequence[Draft], language: Language) -> str:
    """Return a plan in one line: "3 sub-tasks: weather, calendar, events"."""
    labels = dict.fromkeys(_label(draft.tool, language) for draft in drafts)
    number = "one" if len(drafts) == 1 else "many"
    return f"{say(number, language, len(drafts))}: {', '.join(labels)}"


def heading(tool: str, language: Language) -> str:
    """Return what stands above something that a tool found."""
    label = _label(tool, language)
    return label[:1].upper() + label[1:]


def listing(parts: Sequence[Part], language: Language) -> str:
    """Return what came of the parts, each result exactly as its tool gave it."""
    told = [(part, part.result or say("failed", language, part.reason)) for part in parts]
    if len(told) == 1:
        return told[0][1]
    return "\n\n".join(f"{part.draft.description}:\n{text}" for part, text in told)


def _label(tool: str, language: Language) -> str:
    if tool == ANSWER:
        return say("answer", language)
    name = "memory_search" if tool == MEMORY else tool
    return registry.find(name, "agents").words(language).label
