"""A request in clauses: where one thing that is asked for may end and the next one begin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pisovereign.languages.sentences import split_sentences

MOST_CLAUSES = 40
Joint = Literal["start", "head", "and", "then", "sentence"]

_THEN = r"(?:then|afterwards|after that|next|finally|dann|danach|anschließend|zuletzt)"
_JOINT = re.compile(
    rf"""(?P<then>\s*,?\s+(?:(?:and|und)\s+)?{_THEN}(?:,|\b)(?=\s+\S)\s+)
    | (?P<head>\s*:\s+|\s+[—–-]\s+)
    | (?P<and>\s*,\s*(?:(?:and|und|sowie|plus)\s+)?|\s+(?:and|und|sowie|plus|as\ well\ as|&)\s+)""",
    re.VERBOSE | re.IGNORECASE,
)
_OPENING_THEN = re.compile(rf"(?:(?:and|und)\s+)?{_THEN}\b,?\s+", re.IGNORECASE)
_ALONE = re.compile(rf"\s+{_THEN}\s+", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"(?:[-*•·]\s+|\(?\d{1,2}[.)]\s+"
    r"|(?:and|und|also|auch|please|bitte|first(?:\s+of\s+all)?|zuerst|als\s+erstes|erst)\b,?\s+)+",
    re.IGNORECASE,
)
_ENUMERATED = re.compile(r"(?:^|\s)\(?1[.)]\s.*\s\(?2[.)]\s", re.DOTALL)
_ENTRY = re.compile(r"\s+(?=\(?\d{1,2}[.)]\s)")
_GERMAN_VERB = r"""(?:(?:zeig|prüf|erinner|trag|leg|erstell|schick|send|schreib|sag|mach|plan|such
    |check|schau|start|fass|nenn|hol|find)e?|gib|lies|sieh)"""
_WITH_ME = r"(?:\s+(?:mir|mich|uns|mal|bitte))"
# "und zeig mir dann meine Mails": a verb before the word "dann", which does not say of what yet.
# "Brief me" is all that there is to say.
_BEGUN = re.compile(
    rf"""(?P<verb>(?:{_GERMAN_VERB}{_WITH_ME}*|(?!brief)[a-z]+\s+(?:mir|mich|uns|me|us)))\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_BEGUN_FIRST = re.compile(
    rf"{_BEGUN.pattern}(?:zuerst|zunächst|als\s+erstes|erst(?:\s*mal)?|first)\s+(?=\S)",
    re.VERBOSE | re.IGNORECASE,
)
# "dass ich dann gehe": it belongs to what somebody does, not to the order of sub-tasks.
_SOMEBODY = re.compile(r"\b(?:ich|du|er|wir|man|i|he|she|we|they)\s*$", re.IGNORECASE)
_WEEKDAYS_NEXT = re.compile(
    r"next\s+(?:week|month|year|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|days?|\d|few|two"
    r"|three|one)",
    re.IGNORECASE,
)
_STRAIGHT = str.maketrans("’‘`´", "''''")


class Clause(NamedTuple):
    """A clause of a request, and what joins it to the one before."""

    text: str
    joint: Joint
    link: str = ""


def split_clauses(description: str) -> list[Clause]:
    """Return the clauses of a request in order; quotations are never cut."""
    text = unicodedata.normalize("NFC", description).translate(_STRAIGHT)
    if _ENUMERATED.search(text):
        text = _ENTRY.sub("\n", text)
    found: list[Clause] = []
    for sentence in split_sentences(re.sub(r"[^\S\n]+", " ", text)):
        cut = list(_cut(sentence.text, sentence.masked))
        for position, clause in enumerate(cut):
            joint = clause.joint
            if position == 0 and not (found and joint == "then"):
                joint = "sentence" if found else "start"
                if found and found[-1].text.endswith(":"):
                    found[-1] = found[-1]._replace(text=found[-1].text.rstrip(": "))
                    joint = "head"
            found.append(_cleaned(Clause(clause.text, joint, clause.link)))
    return [clause for clause in found if re.search(r"\w", clause.text)]


def _cut(text: str, masked: str) -> Iterator[Clause]:
    start, joint, link, begun = 0, "start", "", ""
    for place in _JOINT.finditer(masked):
        kind = place.lastgroup or "and"
        if kind == "then" and _WEEKDAYS_NEXT.match(
            place.group().lstrip(" ,") + masked[place.end() : place.end() + 20]
        ):
            continue  # "next week"
        if place.start() == start == 0:
            continue
        sentence = masked[start : place.start()]
        if kind == "then" and _SOMEBODY.search(sentence):
            continue
        if (
            kind == "then"
            and _ALONE.fullmatch(place.group())
            and _BEGUN.fullmatch(_without_lead_in(sentence))
        ):
            begun, start, joint = f"{_without_lead_in(sentence).strip()} ", place.end(), "then"
            continue
        yield Clause(begun + text[start : place.start()].strip(" ,"), joint, link)  # type: ignore[arg-type]
        start, joint, link, begun = place.end(), kind, place.group(), ""
    yield Clause(begun + text[start:].strip(" ,"), joint, link)  # type: ignore[arg-type]


def _cleaned(clause: Clause) -> Clause:
    """Return the clause without what only leads up to it."""
    text, joint = _without_lead_in(clause.text), clause.joint
    then = _OPENING_THEN.match(text)
    if then and joint != "then" and not _WEEKDAYS_NEXT.match(text):
        text, joint = text[then.end() :], "then" if joint != "start" else joint
    if first := _BEGUN_FIRST.match(text):
        text = f"{first['verb']} {text[first.end() :]}"
    return Clause(text, joint, clause.link)


def _without_lead_in(text: str) -> str:
    """Return a text without what only leads up to it."""
    opening = _LEAD_IN.match(text)
    return text[opening.end() :] if opening else text
