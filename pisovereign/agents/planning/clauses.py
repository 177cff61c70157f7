"""A request in clauses: where one thing that is asked for may end and the next one begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pisovereign.agents.planning.wording import compiled
from pisovereign.languages.sentences import split_sentences
from pisovereign.languages.words import straightened

MOST_CLAUSES = 40
Joint = Literal["start", "head", "and", "then", "sentence"]

_JOINT = compiled(
    r"(?P<then>\s*,?\s+(?:{and}\s+)?{then}(?:,|\b)(?=\s+\S)\s+)"
    r"|(?P<head>\s*:\s+|\s+[—–-]\s+)"
    r"|(?P<and>\s*,\s*(?:(?:{and}|{listing})\s+)?|\s+(?:{and}|{listing})\s+)"
)
_OPENING_THEN = compiled(r"(?:{and}\s+)?{then}\b,?\s+")
_ALONE = compiled(r"\s+{then}\s+")
_LEAD_IN = compiled(r"(?:[-*•·]\s+|\(?\d{1,2}[.)]\s+|{lead_in}\b,?\s+)+")
_ENUMERATED = re.compile(r"(?:^|\s)\(?1[.)]\s.*\s\(?2[.)]\s", re.DOTALL)
_ENTRY = re.compile(r"\s+(?=\(?\d{1,2}[.)]\s)")
# "und zeig mir dann meine Mails": a verb before the word "dann", which does not say of what yet.
_BEGUN = compiled(r"(?P<verb>{begun})\s*")
_BEGUN_FIRST = compiled(r"(?P<verb>{begun})\s*{first}\s+(?=\S)")
# "dass ich dann gehe": it belongs to what somebody does, not to the order of sub-tasks.
_SOMEBODY = compiled(r"\b{somebody}\s*$")
_NEXT_OF_TIME = compiled("{next_of_time}")


class Clause(NamedTuple):
    """A clause of a request, and what joins it to the one before."""

    text: str
    joint: Joint
    link: str = ""


def split_clauses(description: str) -> list[Clause]:
    """Return the clauses of a request in order; quotations are never cut."""
    text = straightened(description)
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
        if kind == "then" and _NEXT_OF_TIME.match(
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
    if then and joint != "then" and not _NEXT_OF_TIME.match(text):
        text, joint = text[then.end() :], "then" if joint != "start" else joint
    if first := _BEGUN_FIRST.match(text):
        text = f"{first['verb']} {text[first.end() :]}"
    return Clause(text, joint, clause.link)


def _without_lead_in(text: str) -> str:
    """Return a text without what only leads up to it."""
    opening = _LEAD_IN.match(text)
    return text[opening.end() :] if opening else text
