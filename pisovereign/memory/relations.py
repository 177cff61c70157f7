"""Facts of which one is true at a time, so that a later one takes the place of an earlier one.

Where somebody lives, what their wife is called, which code a door has: `statements.toml` of each
language lists such relations, with the words that name their subject. Two facts are about the same
if they have a relation in common and the stems of its subject are the same. What there may be
several of, children, allergies or hobbies, is in none of them, so it is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pisovereign.memory.statement_patterns import RelationPattern, load_relations
from pisovereign.memory.statements import normalized_content
from pisovereign.search_index.terms import Stemmer

# Which of the user's things it is about is told by the other words.
_WITHOUT: frozenset[str] = frozenset()


class Relation(NamedTuple):
    """The relation of a fact: its name, and the stems of its subject in order.

    `lasting`: a later fact counts only if it says that something changed, or is a correction.
    """

    name: str
    subject: tuple[tuple[str, ...], ...]
    lasting: bool


class Replacement:
    """Finds out what a new fact replaces.

    Args:
        content: The new fact.
        stemmer: Compares words.
        correcting: It was said as a correction.
    """

    def __init__(self, content: str, stemmer: Stemmer, *, correcting: bool) -> None:
        self._stemmer = stemmer
        self._patterns = load_relations()
        text = normalized_content(content)
        changed = correcting or bool(self._patterns.changing.search(text))
        adds = bool(self._patterns.adding.search(text))
        self._relations = {
            (relation.name, relation.subject)
            for relation in self._of(text)
            if not adds and (changed or not relation.lasting)
        }

    @property
    def is_possible(self) -> bool:
        """Return whether it may replace anything."""
        return bool(self._relations)

    def takes_place_of(self, content: str) -> bool:
        """Return whether an earlier fact is about the same, and about nothing else."""
        text = normalized_content(content)
        if self._patterns.further.search(text):
            return False
        earlier = self._of(text)
        return any((one.name, one.subject) in self._relations for one in earlier)

    def _of(self, text: str) -> Iterator[Relation]:
        return relations_of(text, self._patterns.relations, self._stemmer)


def says_more(content: str) -> bool:
    """Return whether a statement goes on with something else, which a correction would hide."""
    return bool(load_relations().further.search(normalized_content(content)))


def relations_of(
    text: str, relations: Sequence[RelationPattern], stemmer: Stemmer
) -> Iterator[Relation]:
    """Yield what a fact in small letters is about."""
    for relation in relations:
        if (match := relation.pattern.fullmatch(text)) is not None:
            named = next((value for value in match.groupdict().values() if value), "")
            words = stemmer.sequence(named, without=_WITHOUT)
            subject = tuple(word.stems for word in words)
            yield Relation(relation.name, subject, relation.lasting)
