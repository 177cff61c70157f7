"""Forms that people fill in: what they hold, who may change them, and what is checked and saved.

Secrets go in and never come out. So that nobody is sent one who was not meant, a saved secret is
used again only where server and account stay what they were.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.connections.presentation import describe_fields, shown_values
from pisovereign.connections.types import Choice, FilledForm, Source
from pisovereign.connectors.connection_settings import ConnectionSettings
from pisovereign.connectors.connection_store import SavedConnection
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.words import Words
from pisovereign.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from pisovereign.storage.pool import Connection

_AGAIN = "is needed again, since the server or the account is another one"
People = Callable[[], Awaitable[Sequence[Choice]]]


class Forms:
    """The forms of connections and of other settings.

    Args:
        settings: What holds, and who said so.
        audit: Where changes are told, without values.
        people: Returns everybody there is.
        subject: What the audit log calls that which is changed.
    """

    def __init__(
        self, settings: ConnectionSettings, audit: AuditLog, people: People, subject: str
    ) -> None:
        self._settings = settings
        self._audit = audit
        self._people = people
        self._subject = subject

    def source(self, kind: ConnectionKind, user: UUID) -> Source:
        """Return who said what holds."""
        if self._settings.configured(kind, user):
            return "configuration"
        return "saved" if self._settings.saved(kind, user) else "none"

    def may_change(self, identity: Identity, kind: ConnectionKind) -> bool:
        """Return whether the caller may change it: nobody may what the configuration says."""
        return is_allowed(identity, kind) and not self._settings.configured(kind, identity.user_id)

    async def filled(self, kind: ConnectionKind, user: UUID, words: Words) -> FilledForm:
        """Return a form with what it holds for a user."""
        saved = self._settings.saved(kind, user)
        configured = self._settings.configured(kind, user)
        section, raw = self._shown(kind, user)
        return FilledForm(
            fields=describe_fields(
                kind, type(self._settings.base(kind)), words, await self._people()
            ),
            values=shown_values(kind, section, raw),
            secrets={
                secret: configured or bool(raw.get(secret)) for secret in sorted(kind.secrets())
            },
            reason=self._reason(kind, user, words),
            updated_at=saved.updated_at if saved and not configured else None,
        )

    async def checked(
        self, identity: Identity, kind: ConnectionKind, values: Mapping[str, Any]
    ) -> Any:
        """Return the section that a form makes, with the secrets that it left out.

        Raises:
            Forbidden: The caller's key may not change it.
            Conflict: The configuration says what it is.
            ValidationFailed: Names every field that is wrong.
        """
        require_allowed(identity, kind)
        if self._settings.configured(kind, identity.user_id):
            raise Conflict("This is set in config.toml or the environment, which win")
        saved = self._settings.saved(kind, identity.user_id)
        full, errors = _with_secrets(kind, values, saved)
        if errors:
            raise ValidationFailed(errors)
        section, errors = kind.read(self._settings.base(kind), full)
        errors = errors or await self._unknown_people(section)
        if errors:
            raise ValidationFailed(errors)
        return section

    async def save(self, identity: Identity, kind: ConnectionKind, section: Any) -> None:
        """Save what `checked` returned; it holds from now on."""
        full = msgspec.to_builtins(section)
        await self._settings.save(
            kind,
            identity.user_id,
            {spec.name: full[spec.name] for spec in kind.fields},
            local="admin" in identity.scopes,
            noted=self._noted(identity, kind, "changed"),
        )

    async def remove(self, identity: Identity, kind: ConnectionKind) -> None:
        """Remove what was saved.

        Raises:
            NotFound: Nothing is.
            Forbidden: The caller's key may not change it.
        """
        require_allowed(identity, kind)
        noted = self._noted(identity, kind, "removed")
        if not await self._settings.remove(kind, identity.user_id, noted):
            raise NotFound("Nothing is saved there")

    async def _unknown_people(self, section: Any) -> list[FieldError]:
        if not getattr(section, "senders", ()):
            return []
        known = {person.value for person in await self._people()}
        return [
            {"field": f"values.senders[{i}].user_id", "error": "is not somebody who is known here"}
            for i, sender in enumerate(section.senders)
            if str(UUID(sender.user_id)) not in known
        ]

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
    ) -> Callable[[Connection], Awaitable[None]]:
        async def note(connection: Connection) -> None:
            await self._audit.add(
                connection,
                identity.user_id,
                event,
                by=identity,
                kind=self._subject,
                subject=kind.name,
                what=kind.name,
            )

        return note


def is_allowed(identity: Identity, kind: ConnectionKind) -> bool:
    """Return whether a key may change something: a program that only asks may not."""
    needed = {"approve", "admin"} if kind.personal else {"admin"}
    return bool(needed & identity.scopes)


def require_allowed(identity: Identity, kind: ConnectionKind) -> None:
    """Refuse a key that may not see and change something.

    Raises:
        Forbidden: It may not.
    """
    if not is_allowed(identity, kind):
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
