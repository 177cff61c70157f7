"""How a language speaks of a house, from its data file `home.toml`, and what is meant in one."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from Stemmer import Stemmer as Snowball

from pisovereign.actions.home_services import HomeAction
from pisovereign.actions.home_state import About, AskedState, HomeWord
from pisovereign.connectors.home_assistant.types import House, Thing
from pisovereign.languages import Language, load_data
from pisovereign.languages.words import split_words

_MOST_WORDS = 24
_ONLY_AT_HOME = frozenset[HomeWord](("light", "cover", "climate"))
# Between the parts of a compound: "Küchenlicht", "Arbeitszimmerlampe".
_LINKS = ("", "n", "en", "s", "es")
_SHORTEST_PART = 3


class HomeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file.

    Attributes:
        fillers: Words that say nothing about what is meant.
        all: Words for everything of a kind.
        joiner: A pattern that parts several things.
        degrees: A pattern for degrees after a number, `{degrees}` in others.
        percent: The same for a percentage.
        kinds: Words for kinds of things.
        forms: Orders by what is to be done: whole sentences, with the groups `target` and `value`.
            A group `half` is a value of 50.
        questions: Questions by what they are about, with `{state}`; what the group `where` matches
            belongs to the target.
        states: Words for states that are asked for.
    """

    fillers: str
    all: str
    joiner: str
    degrees: str
    percent: str
    kinds: Mapping[HomeWord, str]
    forms: Mapping[HomeAction, tuple[str, ...]]
    questions: Mapping[About, tuple[str, ...]]
    states: Mapping[AskedState, str]


class Target(NamedTuple):
    """The target that is meant: names of things, rooms, a kind; and whether all of it is.

    `kinds` are all that a word may stand for: a door has a lock, or is one that is open.
    """

    names: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    kinds: tuple[HomeWord, ...] = ()
    everything: bool = False

    @property
    def says_nothing(self) -> bool:
        """Return whether not even everything is meant."""
        return self.is_empty and not self.everything

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is named."""
        return not (self.names or self.areas or self.kinds)


class HomeWords:
    """Finds what is meant in the words of one language.

    Args:
        language: Its code.
        file: Its data.
    """

    def __init__(self, language: Language, file: HomeFile) -> None:
        self._stemmer = Snowball(load_data(language, "language")["stemmer"])
        self._fillers = frozenset(split_words(file.fillers))
        self._all = frozenset(split_words(file.all))
        self._joiner = re.compile(file.joiner)
        self._kinds: dict[str, tuple[HomeWord, ...]] = {}
        for kind, words in file.kinds.items():
            for word in split_words(words):
                self._kinds[word] = (*self._kinds.get(word, ()), kind)
        self._stem = functools.lru_cache(maxsize=2048)(self._stemmer.stemWord)

    def target(self, text: str, house: House, able: Callable[[Thing], bool]) -> Target | None:
        """Return what is meant; None: some word is nothing that the house has.

        Args:
            text: The words for it.
            house: What there is.
            able: Whether a thing comes into question.
        """
        things = [thing for thing in house.things if able(thing)]
        whole = self._part(text, house, things)
        if whole is not None and (len(whole.names) < 2 or not self._joiner.search(text)):
            return whole
        parts = [self._part(part, house, things) for part in self._joiner.split(text)]
        if len(parts) < 2 or any(part is None or part.is_empty for part in parts):
            return whole
        return _together([part for part in parts if part is not None])

    def names_kind(self, text: str) -> bool:
        """Return whether some word names a kind of things that nothing but a house has."""
        kinds = (self._kinds.get(word, ()) for word in split_words(text))
        return any(not _ONLY_AT_HOME.isdisjoint(found) for found in kinds)

    def _part(self, text: str, house: House, things: Sequence[Thing]) -> Target | None:
        words = split_words(text)
        if len(words) > _MOST_WORDS:
            return None
        meaning = [word for word in words if word not in self._fillers] or words
        for one in (meaning, words):
            if named := self._exactly(one, things):
                return Target(names=(named,))
        names: list[str] = []
        areas: list[str] = []
        kinds: list[tuple[HomeWord, ...]] = []
        everything, at = False, 0
        while at < len(words):
            length, name = self._longest(words, at, ((n, n) for t in things for n in t.names))
            room, area = self._longest(
                words, at, ((n, a.name) for a in house.areas for n in a.names)
            )
            # A thing may be called like its room: beside other words the room is meant.
            if name is not None and length > room:
                names.append(name)
                at += length
            elif area is not None:
                areas.append(area)
                at += room
            else:
                word, at = words[at], at + 1
                if word in self._kinds:
                    kinds.append(self._kinds[word])
                elif word in self._all:
                    everything = True
                elif found := self._compound(word, house):
                    areas.append(found[0])
                    kinds.append(found[1])
                elif word not in self._fillers:
                    return None
        return _target(names, areas, kinds, everything)

    def _exactly(self, words: Sequence[str], things: Sequence[Thing]) -> str | None:
        """Return the name of a thing that these words are, if there is one."""
        return next((n for t in things for n in t.names if self._same(words, split_words(n))), None)

    def _longest(
        self, words: Sequence[str], at: int, named: Iterable[tuple[str, str]]
    ) -> tuple[int, str | None]:
        """Return how many words from a position are a name, and what it stands for."""
        best: tuple[int, str | None] = (0, None)
        for name, stands_for in named:
            parts = _split_name(name)
            if len(parts) > best[0] and self._same(words[at : at + len(parts)], parts):
                best = (len(parts), stands_for)
        return best

    def _compound(self, word: str, house: House) -> tuple[str, tuple[HomeWord, ...]] | None:
        """Return room and kind of a word that is made of both."""
        for kind, area in itertools.product(self._kinds, house.areas):
            first = word.removesuffix(kind)
            if first == word or len(first) < _SHORTEST_PART:
                continue
            for name in area.names:
                parts = _split_name(name)
                if len(parts) == 1 and _links(parts[0], first):
                    return area.name, self._kinds[kind]
        return None

    def _same(self, words: Sequence[str], others: Sequence[str]) -> bool:
        if len(words) != len(others) or not others:
            return False
        return all(
            a == b or (len(a) > _SHORTEST_PART and self._stem(a) == self._stem(b))
            for a, b in zip(words, others, strict=True)
        )


@functools.lru_cache(maxsize=8192)
def _split_name(name: str) -> tuple[str, ...]:
    return tuple(split_words(name))


def _links(name: str, first: str) -> bool:
    """Return whether the first part of a compound is a name, as such parts are written."""
    return any(first in (name + link, name.removesuffix("e") + link) for link in _LINKS)


def _target(
    names: list[str], areas: list[str], kinds: list[tuple[HomeWord, ...]], everything: bool
) -> Target | None:
    if len(set(kinds)) > 1 and not names:
        return None
    # "The bed light in the bedroom": the name is enough.
    common = kinds[0] if kinds and not names else ()
    return Target(tuple(names), tuple(areas), common, everything)


def _together(parts: Sequence[Target]) -> Target | None:
    """Return what is listed as one target: rooms of one kind, or things by their names."""
    kinds = {part.kinds for part in parts if part.kinds}
    names = tuple(name for part in parts for name in part.names)
    areas = tuple(area for part in parts for area in part.areas)
    if len(kinds) > 1 or (kinds and names):
        return None
    everything = any(part.everything for part in parts)
    return Target(names, areas, next(iter(kinds), ()), everything)


def load_home(language: Language) -> HomeFile:
    """Return the data of a language."""
    return msgspec.convert(load_data(language, "home"), HomeFile)
