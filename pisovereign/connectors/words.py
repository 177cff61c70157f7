"""What forms and tests of connections say, in each language, and what is known of providers."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from pisovereign.connectors.types import Provider
from pisovereign.languages import Language, load_data

_PROVIDERS = Path(__file__).with_name("providers.toml")


class Words:
    """The texts of one language.

    Args:
        sections: By section and key; values are put in for what stands in braces.
    """

    def __init__(self, sections: dict[str, dict[str, str]]) -> None:
        self._sections = sections

    def say(self, key: str, /, **named: object) -> str:
        """Return a text that all kinds of connections share."""
        return self._sections["words"][key].format(**named)

    def of(self, kind: str, key: str) -> str:
        """Return a text of one kind."""
        return self._sections[kind][key]


@functools.cache
def load_words(language: Language) -> Words:
    """Return the texts of a language."""
    return Words(msgspec.convert(load_data(language, "connections"), dict[str, dict[str, str]]))


@functools.cache
def providers(kind: str, language: Language) -> list[Provider]:
    """Return what is known of providers for a kind of connections."""
    data: dict[str, list[dict[str, Any]]] = tomllib.loads(_PROVIDERS.read_text(encoding="utf-8"))
    words = load_words(language)
    known = msgspec.convert(data.get(kind, []), list[Provider])
    return [
        msgspec.structs.replace(provider, hint=words.of("providers", provider.id))
        for provider in known
    ]
