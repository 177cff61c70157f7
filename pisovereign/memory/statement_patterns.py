"""The forms in which people state something about themselves, from the data of each language.

A message is compared with those of all languages: many people mix them. Patterns are matched
against a sentence in small letters, with straight apostrophes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.patterns import Pattern, PatternExpander, either


class StatementPatterns(msgspec.Struct, frozen=True, kw_only=True):
    """What statements are recognized by (`statements.toml`).

    Attributes:
        lead_in: What may come before a statement without changing it.
        correcting: What makes a correction of the statement that follows.
        no_longer: What makes a correction of the statement that it is in.
        adding: Another of a kind, which takes the place of none.
        uncertain: Possible, wished for or temporary.
        about_text: A task about a text or a role.
        secret: What nobody wants to find in a prompt.
        self: The user speaks of themselves.
        task: Something to do rather than to know.
        remember: Requests; the group `said` is what to remember, `clause` begins a clause.
        preferences: Forms of what somebody likes or not.
        facts: Forms of all else.
        verb_last: Pronouns after which the verb is put, if it stands at the end of a clause.
    """

    lead_in: re.Pattern[str]
    correcting: re.Pattern[str]
    no_longer: re.Pattern[str]
    adding: re.Pattern[str]
    uncertain: re.Pattern[str]
    about_text: re.Pattern[str]
    secret: re.Pattern[str]
    self: re.Pattern[str]
    task: re.Pattern[str]
    remember: tuple[re.Pattern[str], ...]
    preferences: re.Pattern[str]
    facts: re.Pattern[str]
    verb_last: frozenset[str]


@cache
def load_statement_patterns() -> StatementPatterns:
    """Return the patterns of all languages together."""
    tables = [load_data(code, "statements") for code in LANGUAGES]
    expanders = [PatternExpander(_named(table)) for table in tables]

    def any_of(name: str) -> re.Pattern[str]:
        texts = [e.expand(_pattern(t[name])) for e, t in zip(expanders, tables, strict=True)]
        return re.compile("|".join(f"(?:{text})" for text in texts))

    names = set(StatementPatterns.__struct_fields__) - {"remember", "verb_last"}
    return StatementPatterns(
        remember=tuple(
            re.compile(expander.expand(_pattern(table["remember"])))
            for expander, table in zip(expanders, tables, strict=True)
        ),
        verb_last=frozenset(word for t in tables for word in t.get("verb_last", "").split()),
        **{name: any_of(name) for name in names},
    )


def _named(table: Mapping[str, Any]) -> dict[str, Pattern]:
    words = {name: either(text.split()) for name, text in table["words"].items()}
    return words | {name: _pattern(value) for name, value in table["patterns"].items()}


def _pattern(value: str | list[str]) -> Pattern:
    return value if isinstance(value, str) else tuple(value)
