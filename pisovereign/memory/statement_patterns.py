"""The forms in which people state something about themselves, from the data of each language.

A message is compared with those of all languages: many people mix them. Patterns are matched
against a sentence in small letters, with straight apostrophes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.patterns import Pattern, PatternExpander, either


class StatementPatterns(msgspec.Struct, frozen=True, kw_only=True):
    """The patterns that statements are recognized by (`statements.toml`).

    Attributes:
        lead_in: What may come before a statement without changing it.
        correcting: What makes a correction of the statement that follows.
        no_longer: What makes a correction of the statement that it is in.
        uncertain: Possible, wished for or temporary.
        about_text: A task about a text or a role.
        secret: What nobody wants to find in a prompt.
        self: The user speaks of themselves.
        task: Something to do rather than to know.
        remember_that: Requests that stand after what is to be remembered.
        remember: Requests; the group `said` is what to remember, `clause` begins a clause.
        preferences: Forms of what somebody likes or not.
        facts: Forms of all else.
        verb_last: Pronouns after which the verb is put, if it stands at the end of a clause.
    """

    lead_in: re.Pattern[str]
    correcting: re.Pattern[str]
    no_longer: re.Pattern[str]
    uncertain: re.Pattern[str]
    about_text: re.Pattern[str]
    secret: re.Pattern[str]
    self: re.Pattern[str]
    task: re.Pattern[str]
    remember_that: re.Pattern[str]
    remember: tuple[re.Pattern[str], ...]
    preferences: re.Pattern[str]
    facts: re.Pattern[str]
    verb_last: frozenset[str]


class RelationPattern(NamedTuple):
    """A form of facts of which one is true at a time, with its subject in a group if it has one.

    `lasting`: a later fact replaces an earlier one only if it says that something changed.
    """

    name: str
    pattern: re.Pattern[str]
    lasting: bool


class RelationPatterns(NamedTuple):
    """Forms of relations, and the words that tell how one fact stands to another.

    Attributes:
        relations: The forms.
        changing: Something has changed.
        adding: Another of a kind, which takes the place of none.
        further: A sentence goes on with something else.
    """

    relations: tuple[RelationPattern, ...]
    changing: re.Pattern[str]
    adding: re.Pattern[str]
    further: re.Pattern[str]


@cache
def load_statement_patterns() -> StatementPatterns:
    """Return the patterns of all languages together."""
    tables = _tables()
    names = set(StatementPatterns.__struct_fields__) - {"remember", "verb_last"}
    return StatementPatterns(
        remember=tuple(
            re.compile(expander.expand(_pattern(table["remember"]))) for table, expander in tables
        ),
        verb_last=frozenset(word for table, _ in tables for word in table["verb_last"].split()),
        **{name: _any_of(name) for name in names},
    )


@cache
def load_relations() -> RelationPatterns:
    """Return the relations of all languages."""
    relations = [
        RelationPattern(name, re.compile(expander.expand(_pattern(value))), group == "lasting")
        for table, expander in _tables()
        for group in ("relations", "lasting")
        for name, value in table[group].items()
    ]
    words = {name: _any_of(name) for name in ("changing", "adding", "further")}
    return RelationPatterns(tuple(relations), **words)


@cache
def _tables() -> tuple[tuple[dict[str, Any], PatternExpander], ...]:
    tables = (load_data(code, "statements") for code in LANGUAGES)
    return tuple((table, PatternExpander(_named(table))) for table in tables)


def _any_of(name: str) -> re.Pattern[str]:
    texts = (expander.expand(_pattern(table[name])) for table, expander in _tables())
    return re.compile("|".join(f"(?:{text})" for text in texts))


def _named(table: Mapping[str, Any]) -> dict[str, Pattern]:
    words = {name: either(text.split()) for name, text in table["words"].items()}
    return words | {name: _pattern(value) for name, value in table["patterns"].items()}


def _pattern(value: str | list[str]) -> Pattern:
    return value if isinstance(value, str) else tuple(value)
