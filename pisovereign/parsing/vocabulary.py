"""Sentences of which every word is accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pisovereign.parsing.phrases import Query

_WORD = re.compile(r"[^\s,!?.:;()\x1f…–]+(?:[.:](?=\w)[^\s,!?.:;()\x1f…–]+)*")


def words_of(plain: str) -> list[str]:
    """The words of a sentence in small letters."""
    return _WORD.findall(plain)


class Vocabulary:
    """A set of words, each a small pattern."""

    def __init__(self, *lists: str) -> None:
        patterns = {pattern for words in lists for pattern in words.split()}
        self._exact = {p for p in patterns if p.isalnum()}
        others = sorted(patterns - self._exact)
        self._others = re.compile("|".join(others)) if others else None

    def __contains__(self, word: str) -> bool:
        return word in self._exact or bool(self._others and self._others.fullmatch(word))

    def unknown(self, words: Iterable[str]) -> list[str]:
        """The words that are not in it."""
        return [word for word in words if word not in self]


def topical(queries: Mapping[str, Sequence[Query]], common: str) -> dict[str, Vocabulary]:
    """By name, the words that tell what is spoken of, without those that any question has."""
    general = Vocabulary(common)
    return {
        name: Vocabulary(
            *(word for q in of for word in re.split(r"[+|]", q.topics) if word not in general)
        )
        for name, of in queries.items()
    }


class Topic(NamedTuple):
    """A question about one thing, ready to be looked for."""

    groups: tuple[re.Pattern[str], ...]
    vocabulary: Vocabulary
    dated: bool

    def has(self, word: str) -> bool:
        """Whether a word is what the topic is about."""
        return any(group.fullmatch(word) for group in self.groups)

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each group is there with a word; what else is there is not looked at."""
        return all(any(group.fullmatch(word) for word in words) for group in self.groups)


def topics_of(queries: Mapping[str, Sequence[Query]], *common: str) -> dict[str, list[Topic]]:
    """The topics by the name of what they ask for; all may have the words of `common`."""
    return {name: [_topic(query, *common) for query in of] for name, of in queries.items()}


def _topic(query: Query, *common: str) -> Topic:
    groups = tuple(re.compile(group) for group in query.topics.split("+"))
    words = query.topics.replace("+", " ").replace("|", " ")
    return Topic(groups, Vocabulary(words, query.words, *common), query.dated)
