"""The texts of all connectors, and what is known of their providers: data in each one's folder."""

from __future__ import annotations

import functools
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from pisovereign.connectors.registry import CONNECTORS
from pisovereign.connectors.types import Provider
from pisovereign.connectors.words import Words
from pisovereign.languages import OTHERWISE, Language, load_data


@functools.cache
def load_words(language: Language) -> Words:
    """Return the texts of a language; a connector that lacks it says its own in English."""
    tables: dict[str, dict[str, str]] = load_data(language, "connections")
    for folder in _folders():
        words = folder / "words" / f"{language}.toml"
        if not words.exists():
            words = words.with_stem(OTHERWISE)
        for name, texts in _read(words).items():
            tables[name] = tables.get(name, {}) | texts
    return Words(tables)


@functools.cache
def providers(kind: str, language: Language) -> list[Provider]:
    """Return what is known of providers for a kind of connections."""
    connector = next(each for each in CONNECTORS if each.kind.name == kind)
    file = _folder(connector.module) / "providers.toml"
    if not file.exists():
        return []
    words = load_words(language)
    return [
        msgspec.structs.replace(provider, hint=words.of("providers", provider.id))
        for provider in msgspec.convert(_read(file)["providers"], list[Provider])
    ]


def _folders() -> list[Path]:
    return list(dict.fromkeys(_folder(connector.module) for connector in CONNECTORS))


def _folder(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
