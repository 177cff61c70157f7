"""What people do with connections: see them, save, remove and try them.

Secrets go in and never come out. So that nobody is sent one who was not meant, a saved secret is
used again only where server and account stay what they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.connections.kinds import KINDS, ConnectionKind
from pisovereign.connections.presentation import describe_fields, shown_values
from pisovereign.connections.settings import ConnectionSettings
from pisovereign.connections.states import ConnectionStates
from pisovereign.connections.store import SavedConnection
from pisovereign.connections.types import (
    Choice,
    Connection,
    ConnectionForm,
    State,
    TestResult,
)
from pisovereign.connections.words import Words, load_words, providers
from pisovereign.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from pisovereign.languages import Language
from pisovereign.storage.pool import Connection as DatabaseConnection

_AGAIN = "is needed again, since the server or the account is another one"


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
        states: Whether each works.
        tries: Tries them out.
        audit: Where changes are told, without values.
        people: Returns everybody there is.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        states: ConnectionStates,
        tries: Tries,
        audit: AuditLog,
        people: Callable[[], Sequence[Choice]],
    ) -> None:
        self._settings = settings
        self._states = states
        self._tries = tries
        self._audit = audit
        self._people = people
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
        _require_allowed(identity, kind)
        user, words = identity.user_id, load_words(language)
        card = self._card(identity, kind, await self._states.of(kind, user), words)
        saved = self._settings.saved(kind, user)
        configured = self._settings.configured(kind, user)
        section, raw = self._shown(kind, user)
        return ConnectionForm(
            **msgspec.structs.asdict(card),
            fields=describe_fields(kind, type(self._settings.base(kind)), words, self._people()),
            values=shown_values(kind, section, raw),
            secrets={
                secret: configured or bool(raw.get(secret)) for secret in sorted(kind.secrets())
            },
            providers=providers(kind.name, language),
            reason=self._reason(kind, user, words),
            webhook=kind.webhook,
            updated_at=saved.updated_at if saved and not configured else None,
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
        section = self._checked(identity, kind, values)
        full = msgspec.to_builtins(section)
        await self._settings.save(
            kind,
            identity.user_id,
            {spec.name: full[spec.name] for spec in kind.fields},
            local="admin" in identity.scopes,
            noted=self._noted(identity, kind, "changed"),
        )
        self._states.forget(kind, identity.user_id)
        return await self.form(identity, name, language)

    async def remove(self, identity: Identity, name: str) -> None:
        """Remove what was saved of a connection, which nothing uses from now on.

        Raises:
            NotFound: There is no such kind, or nothing is saved.
            Forbidden: The caller's key may not change it.
        """
        kind = _kind(name)
        _require_allowed(identity, kind)
        noted = self._noted(identity, kind, "removed")
        removed = await self._settings.remove(kind, identity.user_id, noted)
        self._states.forget(kind, identity.user_id)
        if not removed:
            raise NotFound("No such connection is saved")

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
            _require_allowed(identity, kind)
            effective = self._settings.effective(kind, user)
            if effective is None:
                raise ValidationFailed([{"field": "values", "error": "is required"}])
            section, local = effective.section, effective.local
        else:
            section, local = self._checked(identity, kind, values), "admin" in identity.scopes
        async with self._one_test:
            return await self._tries.run(
                kind.name, section, user, local=local, words=load_words(language)
            )

    def _checked(self, identity: Identity, kind: ConnectionKind, values: Mapping[str, Any]) -> Any:
        """Return the section that a form makes, with the secrets that it left out."""
        _require_allowed(identity, kind)
        if self._settings.configured(kind, identity.user_id):
            raise Conflict("This connection is set in config.toml or the environment, which win")
        saved = self._settings.saved(kind, identity.user_id)
        full, errors = _with_secrets(kind, values, saved)
        if errors:
            raise ValidationFailed(errors)
        section, errors = kind.read(self._settings.base(kind), full)
        errors = errors or self._unknown_people(section)
        if errors:
            raise ValidationFailed(errors)
        return section

    def _unknown_people(self, section: Any) -> list[FieldError]:
        known = {person.value for person in self._people()}
        return [
            {"field": f"values.senders[{i}].user_id", "error": "is not somebody who is known here"}
            for i, sender in enumerate(getattr(section, "senders", ()))
            if str(UUID(sender.user_id)) not in known
        ]

    def _card(
        self, identity: Identity, kind: ConnectionKind, state: State, words: Words
    ) -> Connection:
        configured = self._settings.configured(kind, identity.user_id)
        saved = self._settings.saved(kind, identity.user_id)
        return Connection(
            kind=kind.name,
            title=words.of(kind.name, "title"),
            description=words.of(kind.name, "description"),
            personal=kind.personal,
            source="configuration" if configured else "saved" if saved else "none",
            editable=not configured and _is_allowed(identity, kind),
            state=state,
        )

    def _shown(self, kind: ConnectionKind, user: UUID) -> tuple[Any, dict[str, Any]]:
        """Return the section whose values are shown, and what was saved as it is."""
        saved = self._settings.saved(kind, user)
        raw = (saved.values if saved else None) or {}
        effective = self._settings.effective(kind, user)
        if effective is not None:
            return effective.section, raw
        # What the configuration has for others is none of this user's business.
        base = self._settings.base(kind)
        return (None if raw else type(base)() if kind.is_set(base) else base), raw

    def _reason(self, kind: ConnectionKind, user: UUID, words: Words) -> str:
        """Return why nothing can be changed, or what was saved is not used."""
        if self._settings.configured(kind, user):
            return words.say("from_configuration")
        saved = self._settings.saved(kind, user)
        if saved is None or self._settings.effective(kind, user) is not None:
            return ""
        return words.say("unreadable" if saved.values is None else "invalid")

    def _noted(
        self, identity: Identity, kind: ConnectionKind, event: Event
    ) -> Callable[[DatabaseConnection], Any]:
        async def note(connection: DatabaseConnection) -> None:
            await self._audit.add(
                connection,
                identity.user_id,
                event,
                by=identity,
                kind="connection",
                subject=kind.name,
                what=kind.name,
            )

        return note


def _kind(name: str) -> ConnectionKind:
    if name not in KINDS:
        raise NotFound("No such connection")
    return KINDS[name]


def _is_allowed(identity: Identity, kind: ConnectionKind) -> bool:
    """Return whether a key may change a connection: a program that only asks may not."""
    needed = {"approve", "admin"} if kind.personal else {"admin"}
    return bool(needed & identity.scopes)


def _require_allowed(identity: Identity, kind: ConnectionKind) -> None:
    if not _is_allowed(identity, kind):
        scope = "approve or admin" if kind.personal else "admin"
        raise Forbidden(f"This needs a key with the scope {scope}")


def _with_secrets(
    kind: ConnectionKind, values: Mapping[str, Any], saved: SavedConnection | None
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return what a form holds with the saved secrets that it left out."""
    before = (saved.values if saved else None) or {}
    full = dict(values)
    moved = any(
        before.get(spec.name) != full.get(spec.name, before.get(spec.name))
        for spec in kind.fields
        if spec.names_server
    )
    errors: list[FieldError] = []
    for secret in sorted(kind.secrets()):
        if full.get(secret) or not before.get(secret):
            continue
        if moved:
            errors.append({"field": f"values.{secret}", "error": _AGAIN})
        else:
            full[secret] = before[secret]
    return full, errors
