"""Rules of connections, as people see, save, remove and try them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.connections.forms import Forms, require_allowed
from pisovereign.connections.kinds import KINDS
from pisovereign.connections.states import ConnectionStates
from pisovereign.connections.types import Connection, ConnectionForm, State
from pisovereign.connectors.connection_settings import ConnectionSettings
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.texts import load_words, providers
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.languages import Language


class Tries(Protocol):
    """Tries settings out, step by step."""

    async def run(
        self, kind: str, section: Any, user: UUID, *, local: bool, words: Words
    ) -> TestResult:
        """Return how each step went; nothing is saved."""
        ...


class ConnectionService:
    """Connections, as the page and programs see them.

    Args:
        settings: What holds, and who said so.
        forms: What they hold, and who may change them.
        states: Whether each works.
        tries: Tries them out.
    """

    def __init__(
        self, settings: ConnectionSettings, forms: Forms, states: ConnectionStates, tries: Tries
    ) -> None:
        self._settings = settings
        self._forms = forms
        self._states = states
        self._tries = tries
        self._one_test = asyncio.Lock()

    async def connections(self, identity: Identity, language: Language) -> list[Connection]:
        """Return every kind of connection, and how that of the caller is getting on."""
        found = await asyncio.gather(
            *(self._states.of(kind, identity.user_id) for kind in KINDS.values())
        )
        return [
            self._card(identity, kind, state, load_words(language))
            for kind, state in zip(KINDS.values(), found, strict=True)
        ]

    async def form(self, identity: Identity, name: str, language: Language) -> ConnectionForm:
        """Return a connection with its form.

        Raises:
            NotFound: There is no such kind.
            Forbidden: The caller's key may not see its settings.
        """
        kind = _kind(name)
        require_allowed(identity, kind)
        user, words = identity.user_id, load_words(language)
        card = self._card(identity, kind, await self._states.of(kind, user), words)
        return ConnectionForm(
            **msgspec.structs.asdict(card),
            **msgspec.structs.asdict(await self._forms.filled(kind, user, words)),
            providers=providers(kind.name, language),
            webhook=kind.webhook,
        )

    async def save(
        self, identity: Identity, name: str, values: Mapping[str, Any], language: Language
    ) -> ConnectionForm:
        """Save a connection, use it from now on, and return its form.

        Raises:
            NotFound: There is no such kind.
            Forbidden: The caller's key may not change it.
            Conflict: The configuration says what it is.
            ValidationFailed: Names every field that is wrong.
        """
        kind = _kind(name)
        section = await self._forms.checked(identity, kind, values)
        await self._forms.save(identity, kind, section)
        self._states.forget(kind, identity.user_id)
        return await self.form(identity, name, language)

    async def remove(self, identity: Identity, name: str) -> None:
        """Remove what was saved of a connection, which nothing uses from now on.

        Raises:
            NotFound: There is no such kind, or nothing is saved.
            Forbidden: The caller's key may not change it.
        """
        kind = _kind(name)
        await self._forms.remove(identity, kind)
        self._states.forget(kind, identity.user_id)

    async def test(
        self, identity: Identity, name: str, values: Mapping[str, Any] | None, language: Language
    ) -> TestResult:
        """Try what a form holds, or what is set up, and return how each step went.

        Raises:
            NotFound: There is no such kind.
            Forbidden: The caller's key may not try it.
            Conflict: The configuration says what it is, and values are given.
            ValidationFailed: Names every field that is wrong; or nothing is set up.
        """
        kind = _kind(name)
        user = identity.user_id
        if values is None:
            require_allowed(identity, kind)
            effective = self._settings.effective(kind, user)
            if effective is None:
                raise ValidationFailed([{"field": "values", "error": "is required"}])
            section, local = effective.section, effective.local
        else:
            section = await self._forms.checked(identity, kind, values)
            local = "admin" in identity.scopes
        async with self._one_test:
            return await self._tries.run(
                kind.name, section, user, local=local, words=load_words(language)
            )

    def _card(
        self, identity: Identity, kind: ConnectionKind, state: State, words: Words
    ) -> Connection:
        return Connection(
            kind=kind.name,
            title=words.of(kind.name, "title"),
            description=words.of(kind.name, "description"),
            personal=kind.personal,
            source=self._forms.source(kind, identity.user_id),
            editable=self._forms.may_change(identity, kind),
            state=state,
        )


def _kind(name: str) -> ConnectionKind:
    if name not in KINDS:
        raise NotFound("No such connection")
    return KINDS[name]
