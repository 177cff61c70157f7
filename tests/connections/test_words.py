"""Every form can be shown in every language."""

from __future__ import annotations

import pytest

from pisovereign.connections.kinds import KINDS, PREFERENCES
from pisovereign.connections.presentation import describe_fields
from pisovereign.connections.types import Choice
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.texts import load_words, providers
from pisovereign.languages import LANGUAGES

PEOPLE = [Choice("550e8400-e29b-41d4-a716-446655440000", "Ada")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*KINDS.values(), *PREFERENCES.values()], ids=lambda k: k.name)
def test_each_field_and_choice_has_words(kind: ConnectionKind, language: str) -> None:
    words = load_words(language)
    assert words.of(kind.name, "title")
    assert words.of(kind.name, "description")
    fields = describe_fields(kind, type(getattr(WholeConfig(), kind.section)), words, PEOPLE)
    assert all(field.label for field in fields)
    chosen = [field for field in fields if field.type in ("choice", "choices", "senders")]
    assert all(choice.label for field in chosen for choice in field.choices)
    assert all(field.choices for field in chosen)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_what_a_provider_fills_in_are_fields(kind: ConnectionKind, language: str) -> None:
    names = {spec.name for spec in kind.fields}
    for provider in providers(kind.name, language):
        assert provider.hint
        assert provider.values.keys() <= names
        assert provider.usable == bool(provider.values)
        if provider.values:
            # With what only the person knows, it is a form that can be saved.
            given = {"username": "ada@example.org", "password": "x", "imap_host": "localhost"}
            base = getattr(WholeConfig(), kind.section)
            fitting = {name: value for name, value in given.items() if name in names}
            assert kind.read(base, fitting | provider.values)[1] == []
