"""Holding back what a model writes until it is known to claim nothing.

A sentence is let through word by word once it can no longer become a claim, and otherwise when it
is complete. With the first claim the answer is over: what is held then is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pisovereign.chat.claims import ClaimDetector
from pisovereign.languages.words import split_words

# Where a sentence of an answer ends: what is quoted or emphasized goes with it.
_END = re.compile(r"[.!?…]+[\"'”“»)\]*_]*(?=\s)|\n+")
_LAST_WORD = re.compile(r"\S+\Z")
_CODE = "```"
_LEAST_COPIED = 24  # characters; "You're welcome!" may be said again
_LEAST_WORDS = 3
_MOST_WORDS = 4
_LEAST_LETTERS, _LEAST_SHARED = 4, 2
# A longer sentence is decided in parts, of which each knows the end of the one before: to look at
# all of it with each new word would take longer and longer.
_LONGEST, _KEPT = 1_000, 200  # characters


class ClaimFilter:
    """The text of one answer, as far as it may be shown.

    Args:
        detector: Recognizes claims.
        earlier: How earlier answers begin.
        results: What commands answered before: a sentence that begins as one of them, or has four
            words of it with a number among them, claims to be one.
        known: What tools have found for this answer: it may be told, and that it was looked for.

    Attributes:
        claimed: A claim was found; nothing more is let through.
        copied: It begins as an earlier answer does; nothing is let through.
    """

    def __init__(
        self,
        detector: ClaimDetector,
        earlier: Iterable[str] = (),
        results: Iterable[str] = (),
        known: Iterable[str] = (),
    ) -> None:
        self._detector = detector
        self._earlier = tuple(text for text in earlier if len(text) >= _LEAST_COPIED)
        self._known = _Known(known)
        self._results = frozenset().union(*map(_marks, results))
        self.copied = False
        self._held = ""
        self._sentence = ""
        self._in_code = False
        self.claimed = False

    def feed(self, text: str) -> str:
        """Take more of the answer, and return what may be shown now, perhaps nothing."""
        if self.claimed or self.copied:
            return ""
        self._held += text
        if self._earlier and self._may_copy():
            return ""
        shown = ""
        start = 0
        while end := _END.search(self._held, start):
            start = end.end()
            sentence = self._sentence + self._held[:start]
            if not self._in_code and self._detector.accepts(sentence):
                continue  # it is decided with the sentence after it
            if self._is_claim(sentence):
                return shown
            shown += self._release(start)
            self._sentence = ""
            start = 0
        return shown + self._undecided(start)

    def finish(self) -> str:
        """Return what was held back, at the end of the answer."""
        if self.claimed or self.copied or self._is_claim(self._sentence + self._held):
            return ""
        return self._release(len(self._held))

    def _may_copy(self) -> bool:
        """Return whether the answer is, so far, how an earlier one began."""
        text = self._held.lstrip()
        self.copied = any(text.startswith(earlier) for earlier in self._earlier)
        if self.copied or any(earlier.startswith(text) for earlier in self._earlier):
            return True
        self._earlier = ()
        return False

    def _undecided(self, start: int) -> str:
        """Return what of the last sentence, which begins at `start`, may be shown already."""
        if self._in_code:
            return ""  # code goes line by line
        if start or not self._held:
            return ""
        if not self._detector.may_claim(self._held, begins=not self._sentence):
            word = _LAST_WORD.search(self._held)
            certain = word.start() if word else len(self._held)
            self._sentence += self._held[:certain]
            return self._release(certain)
        if len(self._held) > _LONGEST and not self._is_claim(self._sentence + self._held):
            self._sentence = ""
            return self._release(len(self._held) - _KEPT)
        return ""

    def _is_claim(self, sentence: str) -> bool:
        if self._in_code:
            return False
        told = not self._results.isdisjoint(_marks(sentence)) and not self._known.covers(sentence)
        if not told and not any(map(self._claims, _END.split(sentence))):
            return False
        self.claimed = True
        self._held = ""
        return True

    def _claims(self, sentence: str) -> bool:
        """Return whether a sentence claims what is not known to be so."""
        if not self._detector.claims(sentence, has_looked=self._known.anything):
            return False
        return self._detector.tells_of_itself(sentence) or not self._known.covers(sentence)

    def _release(self, length: int) -> str:
        shown, self._held = self._held[:length], self._held[length:]
        if shown.count(_CODE) % 2:
            self._in_code = not self._in_code
        return shown


class _Known:
    """What tools have found, as far as a sentence can be compared with it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = frozenset(word for text in texts for word in _compared(text))
        self.anything = bool(self._words)

    def covers(self, sentence: str) -> bool:
        """Return whether a sentence has all of its numbers from what was found, and a word too."""
        words = frozenset(_compared(sentence))
        numbers = frozenset(filter(str.isdigit, words))
        shared = words & self._words
        return numbers <= shared and shared > numbers and len(shared) >= _LEAST_SHARED


def _compared(text: str) -> Iterable[str]:
    """Return the numbers of a text, and its words that are long enough to mean something."""
    return (
        word
        for word in re.findall(r"\d+|[^\W\d_]+", text.casefold())
        if word.isdigit() or len(word) >= _LEAST_LETTERS
    )


def _marks(text: str) -> frozenset[tuple[str, ...]]:
    """Return what the first line of a result is known by: its beginning, and words at numbers."""
    words = split_words(text.lstrip().partition("\n")[0])
    runs = [tuple(words[at : at + _MOST_WORDS]) for at in range(max(1, len(words) - 3))]
    numbered = (run for run in runs if len(run) == _MOST_WORDS and any(map(str.isdigit, run)))
    return frozenset((*runs[: len(runs[0]) >= _LEAST_WORDS], *numbered))


def beginning(answer: str) -> str:
    """Return how an answer begins: its first sentences, until they are long enough to compare."""
    text = answer.strip()
    ends = (end.end() for end in _END.finditer(text))
    cut = next((end for end in ends if end >= _LEAST_COPIED), len(text))
    return text[:cut].rstrip()
