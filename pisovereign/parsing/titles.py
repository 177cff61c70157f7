"""What is left of a sentence when everything else is taken out of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from pisovereign.languages.sentences import MASK
from pisovereign.parsing.phrases import CUT, Phrases

_EDGES = " \t,;:.!?–-" + CUT
_QUOTES = "\"'“”„«»‘’‚`"
_ROUNDS = 4


class Remainder(NamedTuple):
    """A part of a sentence, as written and in small letters; what was taken out is `CUT`."""

    text: str
    plain: str

    @staticmethod
    def of(text: str, plain: str, start: int, end: int) -> Remainder:
        """The part between two places; positions stay those of the sentence."""
        before, after = CUT * start, CUT * (len(plain) - end)
        return Remainder(f"{before}{text[start:end]}{after}", f"{before}{plain[start:end]}{after}")

    def without(self, start: int, end: int) -> Remainder:
        """The same with something taken out."""
        cut = CUT * (end - start)
        return Remainder(
            self.text[:start] + cut + self.text[end:], self.plain[:start] + cut + self.plain[end:]
        )

    def joined(self) -> str:
        """The text on one line, a blank in place of what was taken out."""
        return " ".join(self.text.replace(CUT, " ").split())

    def quoted(self) -> str:
        """What stands in quotation marks, if it is one piece; else nothing."""
        marked = re.findall(f"{MASK}+", self.plain)
        if len(marked) != 1:
            return ""
        start = self.plain.index(MASK)
        return self.text[start : start + len(marked[0])].strip(_QUOTES + _EDGES)


class Titles:
    """Makes titles, in one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._articles = re.compile(phrases.articles, re.IGNORECASE)
        ends = phrases.loose_ends
        self._first = re.compile(rf"{ends}\b[\s:,]+", re.IGNORECASE)
        self._last = re.compile(rf"[\s,]+{ends}$", re.IGNORECASE)

    def tidy(self, text: str, *, articles: bool = True, ends: bool = True) -> str:
        """One line, without an article at its beginning and without loose ends."""
        text = " ".join(text.replace(CUT, " ").split())
        for _ in range(_ROUNDS):
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
