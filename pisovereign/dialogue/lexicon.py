"""The words by which a message refers to what was before it, and which of them it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from pisovereign.languages import Language, load_data
from pisovereign.languages.words import lowered, straightened

_WORD = re.compile(r"\d+(?:[:.]\d\d)?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\W_]+")


class _Data(msgspec.Struct, frozen=True):
    """The file `dialogue.toml` of a language.

    Attributes:
        phrases: Phrases by what they do; the names are those of `Marker.kind`.
        ordinals: Words for a place in a list, from 1; -1 is the last one.
        things: What things of a kind are called: `reminder`, `alarm`, `timer`, `event`, `item`.
        anchors: What makes a moment that is counted from when something else is; the names are
            those of `Anchor.kind`.
        templates: `clock` makes a time of day of a bare number; `length`, where there is one, a
            length of what may also be a time of day: "une heure". `ahead` makes a time from now of
            a length, and `part` a time of day of the bare name of a part of it.
    """

    phrases: dict[str, tuple[str, ...]]
    ordinals: dict[int, tuple[str, ...]]
    things: dict[str, tuple[str, ...]]
    anchors: dict[str, tuple[str, ...]]
    templates: dict[str, str]


class Word(NamedTuple):
    """A word as it is compared, and where it is in the message."""

    text: str
    start: int
    end: int


class Marker(NamedTuple):
    """A phrase that refers, or leads up to something.

    Attributes:
        kind: What it does: a name of `phrases`, or `ordinal` or `thing`.
        value: The ordinal's number, or the thing's kind.
        start: Where it begins.
        end: Where it ends.
    """

    kind: str
    value: str
    start: int
    end: int


class Anchor(NamedTuple):
    """A phrase by which a moment is counted from when something else is.

    Attributes:
        kind: `before` and `after` follow a length or a part of the day: "an hour before", "the
            evening before". `day_before`, `two_days_before` and `evening_before` need none, nor
            does `that_day`; `that` has a part of the day beside it: "that morning".
        first: The index of its first word.
        end: The index after its last word.
    """

    kind: str
    first: int
    end: int


class Lexicon:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        data = msgspec.convert(load_data(language, "dialogue"), _Data, str_keys=True)
        self.language = language
        self._kinds: dict[tuple[str, ...], dict[str, str]] = {}
        for kind, phrases in data.phrases.items():
            self._add(phrases, kind, "")
        for number, phrases in data.ordinals.items():
            self._add(phrases, "ordinal", str(number))
        for thing, phrases in data.things.items():
            self._add(phrases, "thing", thing)
        self._longest = max(len(phrase) for phrase in self._kinds)
        self._anchors = {
            tuple(word.text for word in split(phrase)): kind
            for kind, phrases in data.anchors.items()
            for phrase in phrases
        }
        self._longest_anchor = max(len(phrase) for phrase in self._anchors)
        self._clock = data.templates["clock"]
        self._length = data.templates.get("length")
        self._ahead = data.templates["ahead"]
        self._part = data.templates["part"]

    def clock(self, number: str) -> str:
        """Return a bare number as a time of day is written: "at 8"."""
        return self._clock.format(number)

    def length(self, phrase: str) -> str | None:
        """Return what may be a time of day as a length is written; None: they are told apart."""
        return None if self._length is None else self._length.format(phrase)

    def ahead(self, phrase: str) -> str:
        """Return a length as a time from now is written: "in an hour"."""
        return self._ahead.format(phrase)

    def part(self, word: str) -> str:
        """Return the bare name of a part of the day as one of a day: "tomorrow evening"."""
        return self._part.format(word)

    def anchors(self, words: Sequence[Word]) -> Iterator[Anchor]:
        """Yield the phrases by which a moment may be counted, the longest at each place."""
        texts = tuple(word.text for word in words)
        at = 0
        while at < len(texts):
            most = range(min(self._longest_anchor, len(texts) - at), 0, -1)
            length = next((n for n in most if texts[at : at + n] in self._anchors), 0)
            if length:
                yield Anchor(self._anchors[texts[at : at + length]], at, at + length)
            at += length or 1

    def find(self, words: Sequence[Word], taken: Mapping[int, int]) -> Iterator[Marker]:
        """Yield the phrases among words, the longest at each place.

        A phrase that does several things is yielded once for each.

        Args:
            words: The words of a message.
            taken: Positions that belong to something else, by the index of a word.
        """
        at = 0
        while at < len(words):
            length = 0 if at in taken else self._length_at(words, at, taken)
            if length:
                phrase = tuple(word.text for word in words[at : at + length])
                start, end = words[at].start, words[at + length - 1].end
                for kind, value in self._kinds[phrase].items():
                    yield Marker(kind, value, start, end)
            at += length or 1

    def covered(self, words: Sequence[Word]) -> int:
        """Return how many characters of some words belong to phrases."""
        spans = {(marker.start, marker.end) for marker in self.find(words, {})}
        return sum(end - start for start, end in spans)

    def _length_at(self, words: Sequence[Word], at: int, taken: Mapping[int, int]) -> int:
        most = min(self._longest, len(words) - at)
        most = next((n for n in range(most) if at + n in taken), most)
        texts = [word.text for word in words[at : at + most]]
        return next((n for n in range(most, 0, -1) if tuple(texts[:n]) in self._kinds), 0)

    def _add(self, phrases: Sequence[str], kind: str, value: str) -> None:
        for phrase in phrases:
            words = tuple(word.text for word in split(phrase))
            self._kinds.setdefault(words, {})[kind] = value


def split(text: str) -> list[Word]:
    """Return the words of a text; positions are those of `straightened(text)`."""
    words = _WORD.finditer(lowered(straightened(text)))
    return [Word(found.group(), *found.span()) for found in words]
