"""Holding back of what a model writes only what may become a claim, word by word.

With the first claim the answer is over: what is held then is never shown. Where nobody has spoken
of a deed nothing is held, and a sentence is looked at once it is complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pisovereign.chat.claim_automaton import ClaimAutomaton, SentenceWatch
from pisovereign.chat.claim_data import SHOWN_BEFORE
from pisovereign.chat.claims import ClaimDetector
from pisovereign.languages.words import split_words

# Where a sentence of an answer ends: what is quoted or emphasized goes with it.
_END = re.compile(r"[.!?…]+[\"'”“»)\]*_]*(?=\s)|\n+")
_MARKUP = re.compile(r"<(?:/?(?:t(?:o(?:o(?:l(?:_.*)?)?)?)?)?)?\Z", re.DOTALL)
_CODE = "```"
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
        results: What commands answered before: a sentence that begins as one of them, or has four
            words of it with a number among them, claims to be one.
        known: What tools have found for this answer: it may be told, and that it was looked for.
        holds: Hold what may become a claim. Otherwise one is noticed once its sentence is shown.

    Attributes:
        claimed: A claim was found; nothing more is let through.
    """

    def __init__(
        self,
        detector: ClaimDetector,
        results: Iterable[str] = (),
        known: Iterable[str] = (),
        *,
        holds: bool = True,
    ) -> None:
        self._detector = detector
        self._known = _Known(known)
        self._results = frozenset().union(*map(_marks, results))
        self._watch: SentenceWatch | None = None
        if holds:
            automata = detector.automata()
            if self._results:
                automata.append(_automaton_of(self._results))
            self._watch = SentenceWatch(automata)
        self._text = ""  # the newest sentence, and those that are decided with it
        self._decided = 0  # where the newest one begins in it
        self._shown = 0
        self._in_code = False
        self.claimed = False

    def feed(self, text: str) -> str:
        """Take more of the answer, and return what may be shown now, perhaps nothing."""
        if self.claimed:
            return ""
        self._text += text
        shown = ""
        while end := _END.search(self._text, self._decided):
            sentence = self._text[: end.end()]
            if not self._in_code and self._detector.accepts(sentence):
                self._decided = end.end()
                if self._watch is not None:
                    self._watch.go_on(end.end())
                continue  # it is decided with the sentence after it
            if self._is_claim(sentence):
                return shown
            shown += self._release(end.end())
            if sentence.count(_CODE) % 2:
                self._in_code = not self._in_code
            self._begin(end.end())
        if len(self._text) > _LONGEST:
            if self._is_claim(self._text):
                return shown
            shown += self._release(len(self._text) - _KEPT)
            self._begin(len(self._text) - _KEPT)
        return shown + self._release(self._held_from())

    def finish(self) -> str:
        """Return what was held back, at the end of the answer."""
        if self.claimed or self._is_claim(self._text):
            return ""
        return self._release(len(self._text))

    def _begin(self, at: int) -> None:
        """Begin a sentence at a position of the text."""
        self._text = self._text[at:]
        self._decided = 0
        self._shown = max(0, self._shown - at)
        if self._watch is not None:
            self._watch.begin()

    def _held_from(self) -> int:
        """Return from where on the text is held; its length: nothing of it."""
        if self._watch is None or self._in_code:
            return len(self._text)
        held = self._watch.held_from(self._text)
        markup = _MARKUP.search(self._text)
        return held if markup is None else min(held, markup.start())

    def _release(self, end: int) -> str:
        """Return the text up to a position, without what was shown already."""
        shown = self._text[self._shown : end]
        self._shown = max(self._shown, end)
        return shown

    def _is_claim(self, sentence: str) -> bool:
        if self._in_code:
            return False
        told = not self._results.isdisjoint(_marks(sentence)) and not self._known.covers(sentence)
        if not told and not any(map(self._claims, _END.split(sentence))):
            return False
        self.claimed = True
        return True

    def _claims(self, sentence: str) -> bool:
        """Return whether a sentence claims what is not known to be so."""
        if not self._detector.claims(sentence, has_looked=self._known.anything):
            return False
        return self._detector.tells_of_itself(sentence) or not self._known.covers(sentence)


class _Known:
    """The findings of tools, as far as a sentence can be compared with them."""

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


def _automaton_of(marks: Iterable[tuple[str, ...]]) -> ClaimAutomaton:
    """Return what follows the words that results are known by, from their second word on."""
    forms = [" ".join((mark[0], SHOWN_BEFORE, *mark[1:])) for mark in sorted(marks)]
    return ClaimAutomaton(claims=forms)
