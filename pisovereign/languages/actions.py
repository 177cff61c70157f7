"""The words of actions in a language: a file for each, `<language>/actions/<module>.toml`.

A file is named after the module of its action; docs/languages.md says what is in it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from pisovereign.languages import Language, data_names, load_data
from pisovereign.languages.patterns import Pattern

_FOLDER = "actions/"
V = TypeVar("V")


class ActionWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words for an action in a language.

    Attributes:
        description: What it does, in a few words.
        label: What a plan calls it, in one or two words.
        example: What a person says for it; None for what only programs can ask for.
        parts: Patterns that its forms and carriers refer to, beside those of all actions.
        forms: Whole sentences that ask for it, by intent. Groups are arguments.
        carriers: What is taken out of a sentence whose form is not known, by intent, one after the
            other; what is left is what it is about.
        signals: What tells arguments that only this action has.
        examples: Sentences that the intent model is trained with, by intent.
        messages: What it says, by key.
    """

    description: str
    label: str
    example: str | None = None
    parts: Mapping[str, Pattern] = {}
    forms: Mapping[str, tuple[str, ...]] = {}
    carriers: Mapping[str, tuple[str, ...]] = {}
    signals: Mapping[str, str | tuple[tuple[str, str], ...]] = {}
    examples: Mapping[str, tuple[str, ...]] = {}
    messages: Mapping[str, str] = {}

    def choices(self, signal: str) -> Sequence[tuple[str, str]]:
        """Return the values that a signal tells apart, each with its pattern."""
        found = self.signals[signal]
        return ((signal, found),) if isinstance(found, str) else found


@functools.cache
def load_actions(language: Language) -> Mapping[str, ActionWords]:
    """Return the words of each action by the name of its file, which is that of its module.

    Raises:
        ValueError: A file is not as it has to be; names it.
    """
    return {
        name.removeprefix(_FOLDER): _load(language, name)
        for name in data_names(language)
        if name.startswith(_FOLDER)
    }


def load_examples(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Return the examples of each intent: of actions, then what is none of an action.

    Raises:
        ValueError: Two files have examples of the same intent.
    """
    shared = msgspec.convert(load_data(language, "examples"), dict[str, tuple[str, ...]])
    return merged((*(words.examples for words in load_actions(language).values()), shared))


def merged(tables: Iterable[Mapping[str, V]]) -> dict[str, V]:
    """Return the entries of several tables in their order.

    Raises:
        ValueError: Two tables have the same entry.
    """
    every: dict[str, V] = {}
    for table in tables:
        if twice := every.keys() & table.keys():
            raise ValueError(f"{', '.join(sorted(twice))}: is there twice")
        every |= table
    return every


def _load(language: Language, name: str) -> ActionWords:
    try:
        return msgspec.convert(load_data(language, name), ActionWords)
    except msgspec.ValidationError as error:
        raise ValueError(f"{language}/{name}.toml: {error}") from error
