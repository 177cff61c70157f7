"""A further reminder that leaves out what the one before has said: "and at 10 to call Ben"."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from pisovereign.actions.types import CreateReminder
from pisovereign.agents.planning.context import days_of
from pisovereign.agents.planning.interpretation import ReadText
from pisovereign.languages import Language

_VERB = re.compile(r"(?:remind me|erinner[e']? mich)\s+", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|tonight|heute)\b", re.IGNORECASE)
_LEADS = {"en": ("remind me", "on"), "de": ("erinnere mich", "am")}


def further_reminder(
    text: str,
    when: str | None,
    before: CreateReminder,
    parse: ReadText,
    *,
    language: Language,
    zone: ZoneInfo,
) -> CreateReminder | None:
    """Return the reminder that a clause adds, on the day of the one before if it names none.

    Args:
        text: The piece.
        when: Its phrase about time, with which it has to begin.
        before: The reminder that the piece before it asks for.
        parse: The command parser.
        language: What the request is in.
        zone: Where days begin and end.
    """
    verb = _VERB.match(text)
    said = text[verb.end() :] if verb else text
    if when is None or not said.startswith(when):
        return None
    lead, on = _LEADS[language]
    texts = [f"{lead} {said}"]
    if not _TODAY.search(when) and days_of(when, parse) is None:
        texts.insert(0, f"{lead} {on} {before.remind_at.astimezone(zone):%Y-%m-%d} {said}")
    commands = [parse(reading).command for reading in texts]
    found = [command for command in commands if isinstance(command, CreateReminder)]
    # After "at 9" of this evening, "at 10" is no longer this morning.
    later = (reminder for reminder in found if reminder.remind_at > before.remind_at)
    return next(later, found[0] if found else None)
