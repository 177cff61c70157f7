"""Questions of the assistant, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.dialogue.answers import type_of
from pisovereign.dialogue.changeable_arguments import slots_of
from pisovereign.dialogue.types import Item, Question
from pisovereign.languages import Language
from pisovereign.languages.messages import Clock, load_messages
from pisovereign.text.untrusted import one_line

_MOST_CHARACTERS = 200


def ask(question: Question, language: Language, clock: Clock) -> str:
    """Return a question with what is known already: "What should I remind you of tomorrow?"."""
    words = load_messages(language, "dialogue")
    if question.kind == "choice":
        return words.say("choice", list=numbered(question.choices, language, clock))
    if question.kind == "confirm":
        return words.say("confirm", list=numbered(question.choices, language, clock))
    name = question.missing[0] if question.missing else ""
    keys = (f"ask.{question.type}.{name}", f"ask.{name}", "ask")
    key = next(key for key in keys if key in words.texts)
    return words.say(key, **_known(question, language, clock))


def numbered(items: Sequence[Item], language: Language, clock: Clock) -> str:
    """Return things one a line, each with the number that it can be named by."""
    lines = [
        f"{number}. {_label(item, language, clock)}" for number, item in enumerate(items, start=1)
    ]
    return "\n".join(lines)


def _label(item: Item, language: Language, clock: Clock) -> str:
    title = one_line(item.title, _MOST_CHARACTERS)
    if item.at is None:
        return title
    messages = load_messages(language, "actions")
    takes_whole_day = item.at.astimezone(clock.zone).time() == dt.time()
    when = messages.day if takes_whole_day else messages.moment
    return f"{title} ({when(item.at, clock)})"


def _known(question: Question, language: Language, clock: Clock) -> dict[str, str]:
    """Return what is known of a command, as it is put into a question: empty, or with a blank."""
    slots, known = slots_of(type_of(question)), question.known
    moment = known.get(slots.moment or "")
    when = ""
    if isinstance(moment, str):
        at = dt.datetime.fromisoformat(moment)
        when = " " + load_messages(language, "actions").moment(at, clock)
    title = known.get(slots.text or "")
    about = f": {one_line(title, _MOST_CHARACTERS)}" if isinstance(title, str) else ""
    return {"when": when, "about": about}
