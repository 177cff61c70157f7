"""One sentence of what somebody said, without what leads to it and what ends it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.languages.sentences import MASK, Sentence, split_sentences
from pisovereign.parsing.phrases import Manners

# A request is short; what is longer was pasted, and nothing in it is meant for the assistant.
LONGEST_REQUEST = 400
_MOST_SENTENCES = 3
_LEAD_INS = 5
_STRAIGHT = str.maketrans("’‘`´", "''''")


class Utterance(NamedTuple):
    """A request, perhaps.

    Attributes:
        text: as it was written.
        plain: of the same length, in small letters and with quoted characters as `MASK`.
        asks: it ends with a question mark.
        polite: it began with "could you".
        alone: nothing else was said.
    """

    text: str
    plain: str
    asks: bool
    polite: bool
    alone: bool


class Listener:
    """Finds the requests in what was said, in one language."""

    def __init__(self, manners: Manners) -> None:
        self._lead_in = re.compile(manners.lead_in)
        self._polite = re.compile(manners.polite)
        self._trailer = re.compile(f"(?:{manners.trailer})$")
        self._filler = re.compile(manners.filler)
        self._about_text = re.compile(manners.about_text)
        self._refused = re.compile(manners.refused)
        self._undoes = re.compile(manners.undoes)

    def utterances(self, said: Sequence[Sentence]) -> list[Utterance]:
        """Every sentence that may be a request: none of a text, and none if they are many."""
        told = [(sentence, plain_form(sentence.masked)) for sentence in said]
        told = [(s, p) for s, p in told if not self._filler.fullmatch(p.strip(" ,!.?"))]
        if not 1 <= len(told) <= _MOST_SENTENCES:
            return []
        if len(told) > 1 and any(
            s.ends_with_colon or MASK in p or self._about_text.search(p) for s, p in told
        ):
            return []
        found = [self._utterance(s, p, alone=len(told) == 1) for s, p in told]
        return [u for u in found if u.plain.strip()]

    def _utterance(self, sentence: Sentence, plain: str, *, alone: bool) -> Utterance:
        start, polite = 0, False
        for _ in range(_LEAD_INS):
            if match := self._polite.match(plain, start):
                polite = True
            else:
                match = self._lead_in.match(plain, start)
            if match is None or match.end() >= len(plain):
                break
            start = match.end()
        end = self._end(plain, start)
        return Utterance(
            sentence.text[start:end], plain[start:end], sentence.is_question, polite, alone
        )

    def _end(self, plain: str, start: int) -> int:
        # Searched for only where it can be, or a long row of blanks would take its square.
        near = max(start + 1, len(plain) - 40)
        trailer = self._trailer.search(plain, near)
        end = trailer.start() if trailer else len(plain)
        return end if end > start else len(plain)

    def is_taken_back(self, utterance: Utterance) -> bool:
        """Whether it ends with something like "never mind"."""
        return bool(self._refused.search(utterance.plain[-40:]))

    def undoes(self, utterance: Utterance) -> bool:
        """Whether it is an order to cancel, move or delete something."""
        return bool(self._undoes.match(utterance.plain))

    def is_about_text(self, utterance: Utterance) -> bool:
        """Whether a word or a text is spoken of."""
        return bool(self._about_text.search(utterance.plain))


def heard(text: str) -> list[Sentence]:
    """The sentences of what was said; none if it is too long to have been said."""
    text = unicodedata.normalize("NFC", text).translate(_STRAIGHT)
    text = re.sub(r"[^\S\n]+", " ", text).strip()
    if not text or len(text) > LONGEST_REQUEST or MASK in text:
        return []
    return list(split_sentences(text))


def plain_form(masked: str) -> str:
    """In small letters, of the same length: a letter that would become two stays as it is."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in masked)
