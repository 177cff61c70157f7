"""Titles: what remains of a sentence once everything else is taken out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pisovereign.languages.sentences import MASK
from pisovereign.reading.patterns import CUT, CommandPatterns
from pisovereign.reading.times.expressions import TimePhrase
from pisovereign.reading.utterance import Utterance

_EDGES = " \t,;:.!?–-" + CUT
_QUOTES = "\"'“”„«»‘’‚`"
_MOST_PASSES = 4


class RemainingText(NamedTuple):
    """A part of a sentence as written and normalized; what was taken out of it is `CUT`."""

    text: str
    normalized: str

    @staticmethod
    def between(
        of: Utterance, start: int, end: int, times: Iterable[TimePhrase] = ()
    ) -> RemainingText:
        """Return the part between two positions without times; positions stay those of `of`."""
        before, after = CUT * start, CUT * (len(of.normalized) - end)
        left = RemainingText(
            f"{before}{of.text[start:end]}{after}", f"{before}{of.normalized[start:end]}{after}"
        )
        for phrase in times:
            left = left.without(phrase.start, phrase.end)
        return left

    def without(self, start: int, end: int) -> RemainingText:
        """Return the same with something more taken out."""
        cut = CUT * (end - start)
        return RemainingText(
            self.text[:start] + cut + self.text[end:],
            self.normalized[:start] + cut + self.normalized[end:],
        )

    def joined(self) -> str:
        """Return the text on one line, with blanks for what was taken out."""
        return " ".join(self.text.replace(CUT, " ").split())

    def quoted(self) -> str:
        """Return what is in quotation marks if it is a single quotation; else nothing."""
        marked = re.findall(f"{MASK}+", self.normalized)
        if len(marked) != 1:
            return ""
        start = self.normalized.index(MASK)
        return self.text[start : start + len(marked[0])].strip(_QUOTES + _EDGES)


class TitleCleaner:
    """Makes titles of texts in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        self._articles = re.compile(patterns.articles, re.IGNORECASE)
        ends = patterns.loose_ends
        self._first = re.compile(rf"{ends}\b[\s:,]+", re.IGNORECASE)
        self._last = re.compile(rf"[\s,]+{ends}$", re.IGNORECASE)

    def clean(self, text: str, *, articles: bool = True, ends: bool = True) -> str:
        """Return the text on one line, without an article at its beginning and loose ends."""
        text = " ".join(text.replace(CUT, " ").split())
        for _ in range(_MOST_PASSES):
            before = text
            text = text.strip(_EDGES)
            if ends:
                match = self._first.match(text)
                text = self._last.sub("", text[match.end() :] if match else text)
            if articles and (match := self._articles.match(text)) and match.end() < len(text):
                text = text[match.end() :]
            if text == before:
                break
        return re.sub(r"\s+([,.;:!?])", r"\1", text)
