"""Vocabularies, and topics that recognize a sentence if every word of it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pisovereign.reading.patterns import QueryPattern

_WORD = re.compile(r"[^\s,!?.:;()\x1f…–]+(?:[.:](?=\w)[^\s,!?.:;()\x1f…–]+)*")


def words_of(normalized: str) -> list[str]:
    """Return the words of a normalized sentence."""
    return _WORD.findall(normalized)


class Vocabulary:
    """A set of words, each a small pattern.

    Args:
        lists: Words, with spaces between them.
        beside: A vocabulary whose words belong to it too; many share one.
    """

    def __init__(self, *lists: str, beside: Vocabulary | None = None) -> None:
        self._beside = beside
        patterns = {pattern for words in lists for pattern in words.split()}
        self._exact = {p for p in patterns if p.isalnum()}
        others = sorted(patterns - self._exact)
        self._others = re.compile("|".join(others)) if others else None

    def __contains__(self, word: str) -> bool:
        return (
            word in self._exact
            or bool(self._others and self._others.fullmatch(word))
            or (self._beside is not None and word in self._beside)
        )

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Return the words that are not in it."""
        return [word for word in words if word not in self]


def topic_words(
    queries: Mapping[str, Sequence[QueryPattern]], common: str
) -> dict[str, Vocabulary]:
    """Return, by command, the words that tell the topic, without those that any question has."""
    general = Vocabulary(common)
    return {
        name: Vocabulary(
            *(word for q in of for word in re.split(r"[+|]", q.topics) if word not in general)
        )
        for name, of in queries.items()
    }


class Topic(NamedTuple):
    """A question about one thing, compiled."""

    groups: tuple[re.Pattern[str], ...]
    vocabulary: Vocabulary
    dated: bool

    def has(self, word: str) -> bool:
        """Return whether a word is one of the topic's own."""
        return any(group.fullmatch(word) for group in self.groups)

    def fits(self, words: Sequence[str]) -> bool:
        """Return whether there is a word of each group, whatever else there is."""
        return all(any(group.fullmatch(word) for word in words) for group in self.groups)


def topics_of(
    queries: Mapping[str, Sequence[QueryPattern]], *common: str
) -> dict[str, list[Topic]]:
    """Return the topics by the command they ask for; all may have the words of `common`."""
    general = Vocabulary(*common)
    return {name: [_topic(query, general) for query in of] for name, of in queries.items()}


def _topic(query: QueryPattern, general: Vocabulary) -> Topic:
    groups = tuple(re.compile(group) for group in query.topics.split("+"))
    words = query.topics.replace("+", " ").replace("|", " ")
    return Topic(groups, Vocabulary(words, query.words, beside=general), query.dated)
