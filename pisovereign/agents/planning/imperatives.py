"""Orders to change something that no rule understood, which words of the model cannot carry out.

A model that is asked to "delete all my reminders" says that it did.
"""

from __future__ import annotations

import re

from pisovereign.agents.types import Refusal

_TEXT_ABOUT = (
    r"(?!\s+(?:summar|notes|list|overview|report|agenda|plan|description|minutes|draft|template))"
)
_ENTRY = (
    r"(?:reminders?|events?|appointments?|meetings?|calendar(?:\s+entr(?:y|ies))?|alarms?|timers?"
    rf"|memor(?:y|ies))\b{_TEXT_ABOUT}"
)
_OBJECT = rf"(?:{_ENTRY}|(?:e-?mails?|mails?|messages?)\b{_TEXT_ABOUT})"
_EINTRAG = (
    r"(?:erinnerung(?:en)?|termine?|\w*meetings?|treffen|besprechung(?:en)?|verabredung(?:en)?"
    r"|\w*kalender(?:eintr[aä]ge?)?|events?|wecker|timer)\b"
)
_GEGENSTAND = rf"(?:{_EINTRAG}|(?:e-?mails?|mails?|nachricht(?:en)?)\b)"
_ARTIKEL = (
    r"(?:\s+(?:mir|uns|bitte|eine?n?|die|den|das|meine?n?|neue?n?|weitere?n?|alle|diese?n?))*"
)
# What is asked about an order is a question: "how can I cancel a meeting", "should I".
_QUESTION = (
    r"(?:how|what|why|when|where|who|which|should|shall|must|do|does|did|is|are|was|were"
    r"|wie|warum|wieso|wann|wo|wer|welche\w?|soll(?:te)?|muss|müssen|wollen|möchtest|darf|gibt"
    r"|(?:kann|könnte)\s+(?:ich|man)|können\s+wir|ist|sind)\b"
)
# "Remind me again what Ada said" asks for words as well.
_AGAIN = r"(?!,?\s+(?:(?:please|again|once\s+more)\b,?\s+)*"
_NOCHMAL = r"(?!,?\s+(?:(?:bitte|noch\s?mal|mal|daran)\b,?\s+)*"
_ORDER = rf"""(?!{_QUESTION})
    (?:(?:please|bitte|just|also|auch|(?:can|could|would|will)\s+you)\s+)*
    (?:
      (?:at|um)\s+\d[\w:.]*\s+(?:uhr\s+)?(?:to|an|daran)\b
    | remind\s+(?:me|us)\b{_AGAIN}(?:what|who|where|when|why|how|which|of\s+what|whether)\b)
    | (?:delete|remove|erase|clear|cancel|call\s+off|move|postpone|reschedule|shift)
        (?:\s+\S+){{0,6}}?\s+{_OBJECT}
    | (?:add|schedule|book|enter|set|send|forward)
        (?:\s+(?:me|an?|the|my|new|another|all|this|that))*(?:\s+[\w'-]+)?\s+{_OBJECT}
    | create(?:\s+(?:me|an?|the|my|new|another|all|this|that))*(?:\s+[\w'-]+)?\s+{_ENTRY}
    | erinner(?:e|t)?\s+(?:mich|uns)\b{_NOCHMAL}(?:was|wer|wo|wann|warum|wie|welche\w?|ob)\b)
    | (?:lösch|entfern|streich|stornier|verschieb|verleg)e?(?:\s+\S+){{0,6}}?\s+{_GEGENSTAND}
    | sage?\s+(?:\S+\s+){{0,4}}?{_GEGENSTAND}.*\bab[.!]*$
    | (?:leg|trag|stell|schick|send|plan)e?{_ARTIKEL}\s+{_GEGENSTAND}
    | erstelle?{_ARTIKEL}\s+{_EINTRAG}
    )"""
_FLAGS = re.VERBOSE | re.IGNORECASE
_LETTER = re.compile(
    r"""(?:(?:please|bitte|also|auch|(?:can|could|would|will)\s+you)\s+)*
    (?:(?:send|write|draft|compose|prepare|schick|schreib|send|verfass|entwirf|entw[eu]rf)e?\b
      (?:\s+\S+){0,4}?\s+(?:e-?mails?|mails?|mailentwurf)\b
    | e-?mail\s+\S+@\S+)""",
    _FLAGS,
)
_AT_FIRST = re.compile(rf"(?:^|[,;:]\s+){_ORDER}", _FLAGS)
# "if I delete emails" is no order.
_ANYWHERE = re.compile(
    rf"\b(?<!\bi\s)(?<!\bwe\s)(?<!\bhe\s)(?<!\bshe\s)(?<!\byou\s)(?<!\bthey\s){_ORDER}", _FLAGS
)
# "alle Termine am Montag absagen", but not "um Termine zu verschieben". Its parts are searched
# one after the other: as one expression, long texts would take minutes.
_INFINITIVE = re.compile(
    r"(?<!\bzu)\s+(?:löschen|entfernen|streichen|stornieren|absagen|verschieben|verlegen|eintragen"
    r"|anlegen)[.!?]*$",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(rf"(?<!\S){_GEGENSTAND}(?!\S)", re.IGNORECASE)
_ABOUT_ORDERS = re.compile(rf"{_QUESTION}|.*\b(?:dass|ob|man|wir)\b", re.IGNORECASE | re.DOTALL)
# "if possible" is a courtesy, and "when is" asks.
_COURTESY = (
    r"(?!\s+(?:possible|you\s+(?:can|could|would|like|please|have\s+time)|möglich|es\s+(?:dir\s+)?"
    r"(?:geht|passt|möglich)|du\s+(?:kannst|magst|möchtest|zeit\s+hast))\b)"
)
_CONDITION = (
    rf"(?:(?:if|wenn|falls)\b{_COURTESY}|unless|in\s+case|provided|assuming|as\s+soon\s+as"
    r"|as\s+long\s+as|whenever|otherwise|sofern|sobald|solange|vorausgesetzt|es\s+sei\s+denn"
    r"|im\s+falle?"
    r"|(?:when|once)\s+(?:it|there|i|he|she|we|they|the|my|our)|sollte\s+es"
    r"|sonst|ansonsten|andernfalls)\b"
)
_ONLY = r"(?:and|but|und|aber|only|nur|not|nicht|außer|except)"
_ANY_CONDITION = re.compile(rf"\b{_CONDITION}", re.IGNORECASE)
_ONLY_CONDITION = re.compile(
    rf"(?P<only>(?:{_ONLY}\s+)*){_CONDITION}|(?P<open>{_ONLY}(?:\s+{_ONLY})*)$", re.IGNORECASE
)
_EITHER = re.compile(
    r"(?:unless|provided|assuming|as\s+long\s+as|solange|vorausgesetzt|es\s+sei\s+denn)\b",
    re.IGNORECASE,
)


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
    if (_ANYWHERE if conditional else _AT_FIRST).search(text):
        return True
    verb = _INFINITIVE.search(text)
    if verb is None or (_ABOUT_ORDERS.match(text) and not conditional):
        return False
    return bool(_OF_WHAT.search(text, 0, verb.start()))


def is_letter(text: str) -> bool:
    """Return whether a text asks for a mail to be written, whose words may follow."""
    return bool(_LETTER.match(text))


def refusal_of(text: str) -> Refusal | None:
    """Return why a text that no rule understood must not be answered in words; else None."""
    if not is_order(text):
        return None
    return "conditional" if _ANY_CONDITION.search(text) else "not_understood"
