"""Finding the requests in what somebody said, without what leads up to them and what ends them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.languages.sentences import MASK, Sentence, split_sentences
from pisovereign.languages.words import lowered, straightened
from pisovereign.reading.patterns import RequestPatterns

# A request is short; anything longer was pasted, and nothing in it is meant for the assistant.
LONGEST_REQUEST = 400
_MOST_SENTENCES = 3
_MOST_LEAD_INS = 5


class Utterance(NamedTuple):
    """One sentence, which may be a request.

    Attributes:
        text: As it was written.
        normalized: Of the same length, in lower case and with quoted characters as `MASK`.
        is_question: It ends with a question mark.
        is_polite: It began with "could you".
        is_alone: Nothing else was said.
    """

    text: str
    normalized: str
    is_question: bool
    is_polite: bool
    is_alone: bool


class RequestExtractor:
    """Finds the requests among sentences of one language."""

    def __init__(self, patterns: RequestPatterns) -> None:
        self._lead_in = re.compile(patterns.lead_in)
        self._polite = re.compile(patterns.polite)
        self._trailer = re.compile(f"(?:{patterns.trailer})$")
        self._assent = re.compile(f"(?:{patterns.assent})$")
        self._filler = re.compile(patterns.filler)
        self._about_text = re.compile(patterns.about_text)
        self._retraction = re.compile(patterns.retraction)
        self._undoing = re.compile(patterns.undoing)

    def extract(self, sentences: Sequence[Sentence]) -> list[Utterance]:
        """Return each sentence that may be a request: none in a text, and none of too many."""
        pairs = [(sentence, lowered(sentence.masked)) for sentence in sentences]
        pairs = [(s, n) for s, n in pairs if not self._filler.fullmatch(n.strip(" ,!.?"))]
        if not 1 <= len(pairs) <= _MOST_SENTENCES:
            return []
        if len(pairs) > 1 and any(
            s.ends_with_colon or MASK in n or self._about_text.search(n) for s, n in pairs
        ):
            return []
        found = [self._utterance(s, n, alone=len(pairs) == 1) for s, n in pairs]
        return [utterance for utterance in found if utterance.normalized.strip()]

    def whole(self, text: str) -> Utterance | None:
        """Return a message as one utterance; None if it is no request: too long, or quoted."""
        sentences = input_sentences(text)
        if not 1 <= len(sentences) <= _MOST_SENTENCES:
            return None
        if len(sentences) == 1:
            return next(iter(self.extract(sentences)), None)
        text = one_line(text).replace("\n", " ")
        if any(s.ends_with_colon or MASK in s.masked for s in sentences):
            return None
        normalized = lowered(text)
        start, end, polite = self._bounds(normalized)
        asked = any(s.is_question for s in sentences)
        return Utterance(text[start:end], normalized[start:end], asked, polite, False)

    def core(self, text: str) -> str:
        """Return a message in lower case without what leads up to a request and what ends it."""
        normalized = lowered(one_line(text))
        start, end, _ = self._bounds(normalized)
        return normalized[start:end]

    def _utterance(self, sentence: Sentence, normalized: str, *, alone: bool) -> Utterance:
        start, end, polite = self._bounds(normalized)
        # The end alone is searched, for the same reason as there.
        asks = sentence.is_question and not self._assent.search(normalized, max(0, end - 1))
        return Utterance(sentence.text[start:end], normalized[start:end], asks, polite, alone)

    def _bounds(self, normalized: str) -> tuple[int, int, bool]:
        """Return where the request begins and ends, and whether it is asked for politely."""
        start, polite = 0, False
        for _ in range(_MOST_LEAD_INS):
            if match := self._polite.match(normalized, start):
                polite = True
            else:
                match = self._lead_in.match(normalized, start)
            if match is None or match.end() >= len(normalized):
                break
            start = match.end()
        return start, self._end(normalized, start), polite

    def _end(self, normalized: str, start: int) -> int:
        # Only the end is searched, or a long run of blanks would take quadratic time.
        near = max(start + 1, len(normalized) - 40)
        trailer = self._trailer.search(normalized, near)
        end = trailer.start() if trailer else len(normalized)
        return end if end > start else len(normalized)

    def is_retracted(self, utterance: Utterance) -> bool:
        """Return whether it ends with something like "never mind"."""
        return bool(self._retraction.search(utterance.normalized[-40:]))

    def is_undoing(self, utterance: Utterance) -> bool:
        """Return whether it is an order to cancel, move or delete something."""
        return bool(self._undoing.match(utterance.normalized))

    def is_about_text(self, utterance: Utterance) -> bool:
        """Return whether it is about a word or a text."""
        return bool(self._about_text.search(utterance.normalized))


def one_line(text: str) -> str:
    """Return a message composed, with straight apostrophes and single blanks."""
    return re.sub(r"[^\S\n]+", " ", straightened(text)).strip()


def input_sentences(text: str) -> list[Sentence]:
    """Return the sentences of a message; none if it is too long to be a request."""
    text = one_line(text)
    if not text or len(text) > LONGEST_REQUEST or MASK in text:
        return []
    return list(split_sentences(text))
