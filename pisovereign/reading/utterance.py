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
        is_retracted: It ends with something like "never mind".
        is_undoing: It is an order to cancel, move or delete something.
        is_about_text: It is about a word or a text.
    """

    text: str
    normalized: str
    is_question: bool
    is_polite: bool
    is_alone: bool
    is_retracted: bool
    is_undoing: bool
    is_about_text: bool


class MessageText(NamedTuple):
    """A message as requests are looked for in it; the same in each language.

    Attributes:
        text: On one line, with straight apostrophes and single blanks.
        normalized: The same in lower case.
        sentences: Its sentences, each with what it is in lower case, and with `MASK` for what is
            quoted; none if it is too long to be a request.
    """

    text: str
    normalized: str
    sentences: tuple[tuple[Sentence, str], ...]

    @staticmethod
    def of(text: str) -> MessageText:
        """Return a message so."""
        plain = one_line(text)
        short = plain and len(plain) <= LONGEST_REQUEST and MASK not in plain
        found = tuple(split_sentences(plain)) if short else ()
        return MessageText(plain, lowered(plain), tuple((s, lowered(s.masked)) for s in found))


class Utterances(NamedTuple):
    """The sentences of a message as they may be requests in one language.

    Attributes:
        each: Each sentence that may be a request: none in a text, and none of too many.
        whole: The message as one; None: it is no request, being too long, or quoted.
    """

    each: tuple[Utterance, ...]
    whole: Utterance | None


class RequestExtractor:
    """Finds the requests of messages in one language."""

    def __init__(self, patterns: RequestPatterns) -> None:
        self._lead_in = re.compile(patterns.lead_in)
        self._polite = re.compile(patterns.polite)
        self._trailer = re.compile(f"(?:{patterns.trailer})$")
        self._assent = re.compile(f"(?:{patterns.assent})$")
        self._filler = re.compile(patterns.filler)
        self._about_text = re.compile(patterns.about_text)
        self._retraction = re.compile(patterns.retraction)
        self._undoing = re.compile(patterns.undoing)

    def utterances(self, message: MessageText) -> Utterances:
        """Return what may be a request of a message."""
        each = self._each(message.sentences)
        if len(message.sentences) == 1:
            return Utterances(each, next(iter(each), None))
        return Utterances(each, self._whole(message))

    def core(self, message: MessageText) -> str:
        """Return a message in lower case without what leads up to a request and what ends it."""
        start, end, _ = self._bounds(message.normalized)
        return message.normalized[start:end]

    def _each(self, sentences: Sequence[tuple[Sentence, str]]) -> tuple[Utterance, ...]:
        pairs = [(s, n) for s, n in sentences if not self._filler.fullmatch(n.strip(" ,!.?"))]
        if not 1 <= len(pairs) <= _MOST_SENTENCES:
            return ()
        if len(pairs) > 1 and any(
            s.ends_with_colon or MASK in n or self._about_text.search(n) for s, n in pairs
        ):
            return ()
        found = (self._utterance(s, n, alone=len(pairs) == 1) for s, n in pairs)
        return tuple(utterance for utterance in found if utterance.normalized.strip())

    def _whole(self, message: MessageText) -> Utterance | None:
        sentences = [sentence for sentence, _ in message.sentences]
        if not 1 <= len(sentences) <= _MOST_SENTENCES:
            return None
        if any(s.ends_with_colon or MASK in s.masked for s in sentences):
            return None
        text, normalized = (t.replace("\n", " ") for t in (message.text, message.normalized))
        start, end, polite = self._bounds(normalized)
        asked = any(s.is_question for s in sentences)
        return self._made(text[start:end], normalized[start:end], asked, polite, alone=False)

    def _utterance(self, sentence: Sentence, normalized: str, *, alone: bool) -> Utterance:
        start, end, polite = self._bounds(normalized)
        # The end alone is searched, for the same reason as there.
        asks = sentence.is_question and not self._assent.search(normalized, max(0, end - 1))
        text = sentence.text[start:end]
        return self._made(text, normalized[start:end], asks, polite, alone=alone)

    def _made(
        self, text: str, normalized: str, asked: bool, polite: bool, *, alone: bool
    ) -> Utterance:
        return Utterance(
            text,
            normalized,
            is_question=asked,
            is_polite=polite,
            is_alone=alone,
            is_retracted=bool(self._retraction.search(normalized[-40:])),
            is_undoing=bool(self._undoing.match(normalized)),
            is_about_text=bool(self._about_text.search(normalized)),
        )

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


def one_line(text: str) -> str:
    """Return a message composed, with straight apostrophes and single blanks."""
    return re.sub(r"[^\S\n]+", " ", straightened(text)).strip()
