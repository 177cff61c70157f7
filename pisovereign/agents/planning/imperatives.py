"""Orders to change something that no rule understood, which words of the model cannot carry out.

A model that is asked to "delete all my reminders" says that it did.
"""

from __future__ import annotations

import re

from pisovereign.agents.planning.wording import compiled
from pisovereign.agents.types import Refusal

# What is asked about an order is a question: "how can I cancel a meeting", "should I".
_ORDER = r"(?!{question}\b)(?:{courtesy} )*{order}"
_LETTER = compiled("(?:{courtesy} )*{letter}")
_AT_FIRST = compiled(rf"(?:^|[,;:] ){_ORDER}")
_ANYWHERE = compiled(rf"\b{_ORDER}")
# "if I delete emails" is no order.
_SUBJECT = compiled(r"\b{subjects} $")
_LONGEST_SUBJECT = 20
# "alle Termine am Montag absagen", but not "um Termine zu verschieben". Its parts are searched
# one after the other: as one expression, long texts would take minutes.
_AT_END = compiled(r"{order_at_end}[.!?]*$")
_OF_WHAT = compiled(r"(?<!\S){object}(?!\S)")
_ABOUT_ORDERS = compiled(r"{question}\b|.*\b{about_order}\b", re.IGNORECASE | re.DOTALL)
_ANY_CONDITION = compiled(r"\b{condition}")
_ONLY_CONDITION = compiled(r"(?P<only>(?:{only} )*){condition}|(?P<open>{only}(?: {only})*)$")
_EITHER = compiled(r"{either_side}\b")


def opens_condition(text: str) -> bool:
    """Return whether a clause is a condition for another one."""
    return bool(_ONLY_CONDITION.match(text))


def restricts(text: str) -> bool:
    """Return whether a clause restricts the one before it: "but only if it rains"."""
    found = _ONLY_CONDITION.match(text)
    return bool(found and (found["only"] or found["open"]))


def is_ambiguous(text: str) -> bool:
    """Return whether a condition may belong to the clause before it or to the one after it."""
    return bool(_EITHER.match(text))


def is_order(text: str) -> bool:
    """Return whether a text that is no command is still an order to change something."""
    conditional = opens_condition(text)
    if _AT_FIRST.search(text) or (conditional and _orders_within(text)):
        return True
    verb = _AT_END.search(text)
    if verb is None or (_ABOUT_ORDERS.match(text) and not conditional):
        return False
    return bool(_OF_WHAT.search(text, 0, verb.start()))


def _orders_within(text: str) -> bool:
    """Return whether a text has an order anywhere, for which nobody else is named."""
    found = _ANYWHERE.search(text)
    while found:
        start = found.start()
        if not _SUBJECT.search(text, max(0, start - _LONGEST_SUBJECT), start):
            return True
        found = _ANYWHERE.search(text, start + 1)
    return False


def is_letter(text: str) -> bool:
    """Return whether a text asks for a mail to be written, whose words may follow."""
    return bool(_LETTER.match(text))


def refusal_of(text: str) -> Refusal | None:
    """Return why a text that no rule understood must not be answered in words; else None."""
    if not is_order(text):
        return None
    return "conditional" if _ANY_CONDITION.search(text) else "not_understood"
