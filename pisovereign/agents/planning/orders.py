"""Orders to change something that were not understood: words of the model would not carry them out.

A model that is asked to "delete all my reminders" says that it did.
"""

from __future__ import annotations

import re

from pisovereign.agents.types import Refusal

_OBJECT = (
    r"(?:reminders?|events?|appointments?|meetings?|calendar(?:\s+entr(?:y|ies))?|alarms?|timers?"
    r"|e-?mails?|mails?|messages?|memor(?:y|ies))\b(?!\s+(?:summar|notes|list|overview|report))"
)
_GEGENSTAND = (
    r"(?:erinnerung(?:en)?|termine?|\w*meetings?|treffen|besprechung(?:en)?|verabredung(?:en)?"
    r"|\w*kalender(?:eintr[aä]ge?)?|events?|wecker|timer|e-?mails?|mails?|nachricht(?:en)?)\b"
)
# What is asked about an order is a question: "how can I cancel a meeting", "should I".
_QUESTION = (
    r"(?:how|what|why|when|where|who|which|should|shall|must|do|does|did|is|are|was|were"
    r"|wie|warum|wieso|wann|wo|wer|welche\w?|soll(?:te)?|muss|darf|kann\s+ich|ist|sind)\b"
)
_ORDER = rf"""(?!{_QUESTION})
    (?:(?:please|bitte|just|also|auch|(?:can|could|would|will)\s+you)\s+)*
    (?:
      (?:at|um)\s+\d[\w:.]*\s+(?:uhr\s+)?(?:to|an|daran)\b
    | remind\s+(?:me|us)\b(?!\s+(?:what|who|where|when|why|how|which|of\s+what|if))
    | (?:delete|remove|erase|clear|cancel|call\s+off|move|postpone|reschedule|shift)
        (?:\s+\S+){{0,6}}?\s+{_OBJECT}
    | (?:create|add|schedule|book|enter|set|send|forward)
        (?:\s+(?:me|an?|the|my|new|another|all|this|that))*(?:\s+[\w'-]+)?\s+{_OBJECT}
    | erinner(?:e|t)?\s+(?:mich|uns)\b(?!,?\s+(?:was|wer|wo|wann|warum|wie|welche\w?|ob)\b)
    | (?:lösch|entfern|streich|stornier|verschieb|verleg)e?(?:\s+\S+){{0,6}}?\s+{_GEGENSTAND}
    | sage?\s+(?:\S+\s+){{0,4}}?{_GEGENSTAND}.*\bab[.!]*$
    | (?:erstell|leg|trag|stell|schick|send|plan)e?
        (?:\s+(?:mir|uns|bitte|eine?n?|die|den|das|meine?n?|neue?n?|weitere?n?|alle|diese?n?))*
        \s+{_GEGENSTAND}
    | (?:.*\s)?{_GEGENSTAND}(?:\s+\S+)*?
        \s+(?:löschen|entfernen|streichen|stornieren|absagen|verschieben|verlegen|eintragen|anlegen)
        [.!?]*$
    )"""
_FLAGS = re.VERBOSE | re.IGNORECASE
_AT_FIRST = re.compile(rf"(?:^|[,;:]\s+){_ORDER}", _FLAGS)
_ANYWHERE = re.compile(rf"\b{_ORDER}", _FLAGS)
_CONDITION = (
    r"(?:if|unless|in\s+case|provided|as\s+soon\s+as|wenn|falls|sofern|sobald|vorausgesetzt)\b"
)
_ANY_CONDITION = re.compile(rf"\b{_CONDITION}", re.IGNORECASE)
_ONLY_CONDITION = re.compile(
    rf"(?P<only>(?:(?:and|but|und|aber|only|nur|außer|except)\s+)*){_CONDITION}", re.IGNORECASE
)


def opens_condition(text: str) -> bool:
    """Whether a piece says under which condition another one holds."""
    return bool(_ONLY_CONDITION.match(text))


def restricts(text: str) -> bool:
    """Whether a piece takes back a part of what was said before it: "but only if it rains"."""
    found = _ONLY_CONDITION.match(text)
    return bool(found and found["only"])


def is_order(text: str) -> bool:
    """Whether a text that is no command is still an order to change something."""
    return bool((_ANYWHERE if opens_condition(text) else _AT_FIRST).search(text))


def refusal_of(text: str) -> Refusal | None:
    """Why a text that no rule understood cannot be answered in words, if it cannot."""
    if not is_order(text):
        return None
    return "conditional" if _ANY_CONDITION.search(text) else "not_understood"
