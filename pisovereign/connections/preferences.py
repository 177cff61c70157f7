"""Settings that are no connections, and changed as those are: on the page, without a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.connections.forms import Forms, is_allowed, require_allowed
from pisovereign.connections.kinds import APPROVALS, PREFERENCES, REMINDERS
from pisovereign.connections.types import SettingsForm
from pisovereign.connectors.connection_settings import ConnectionSettings
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.texts import load_words
from pisovereign.errors import FieldError, NotFound, ValidationFailed
from pisovereign.languages import Language
from pisovereign.notifications.types import Way

# Whether a user can be told something in a way.
Reaches = Callable[[UUID, Way], bool]


class ReminderPreferences:
    """How somebody wants to be reminded: as they saved it, else as the configuration says."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings

    def ways(self, user: UUID) -> Sequence[Way]:
        """Return how a user's reminders are told; a page that is open always shows what is due."""
        return _ways(self._settings.section(REMINDERS, user))

    def snooze_minutes(self, user: UUID) -> int:
        """Return by how many minutes a reminder is put off if nobody says."""
        minutes: int = self._settings.section(REMINDERS, user).snooze_minutes
        return minutes


class ApprovalPreferences:
    """How somebody wants to be told what waits for them."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings

    def ways(self, user: UUID) -> Sequence[Way]:
        """Return how a user is told; a page that is open always is."""
        return _ways(self._settings.section(APPROVALS, user))


def _ways(section: Any) -> Sequence[Way]:
    return tuple(dict.fromkeys(("events", *section.deliver)))


class PreferenceService:
    """Settings, as the page and programs see them.

    Args:
        forms: What they hold, and who may change them.
        reaches: Whether a user can be told something in a way.
    """

    def __init__(self, forms: Forms, reaches: Reaches) -> None:
        self._forms = forms
        self._reaches = reaches

    async def forms(self, identity: Identity, language: Language) -> list[SettingsForm]:
        """Return the forms of all settings that the caller may see: the household's are owners'.

        Raises:
            Forbidden: The caller's key may not see any.
        """
        require_allowed(identity, REMINDERS)
        seen = [kind for kind in PREFERENCES.values() if is_allowed(identity, kind)]
        return [await self._form(identity, kind, language) for kind in seen]

    async def save(
        self, identity: Identity, name: str, values: Mapping[str, Any], language: Language
    ) -> SettingsForm:
        """Save settings, which hold from now on.

        Raises:
            NotFound: There are no such settings.
            Forbidden: The caller's key may not change them.
            Conflict: The configuration says what they are.
            ValidationFailed: Names every field that is wrong.
        """
        kind = _kind(name)
        section = await self._forms.checked(identity, kind, values)
        if errors := self._unreachable(identity.user_id, section):
            raise ValidationFailed(errors)
        await self._forms.save(identity, kind, section)
        return await self._form(identity, kind, language)

    async def remove(self, identity: Identity, name: str) -> None:
        """Remove what was saved: the configuration's settings hold again.

        Raises:
            NotFound: There are no such settings, or nothing is saved.
            Forbidden: The caller's key may not change them.
        """
        await self._forms.remove(identity, _kind(name))

    async def _form(
        self, identity: Identity, kind: ConnectionKind, language: Language
    ) -> SettingsForm:
        require_allowed(identity, kind)
        words = load_words(language)
        return SettingsForm(
            kind=kind.name,
            title=words.of(kind.name, "title"),
            description=words.of(kind.name, "description"),
            personal=kind.personal,
            source=self._forms.source(kind, identity.user_id),
            editable=self._forms.may_change(identity, kind),
            **msgspec.structs.asdict(await self._forms.filled(kind, identity.user_id, words)),
        )

    def _unreachable(self, user: UUID, section: Any) -> list[FieldError]:
        ways = getattr(section, "deliver", ())  # not all settings are about telling
        lost = [way for way in ways if not self._reaches(user, way)]
        error = f"holds {lost[0]}, which is not set up for you" if lost else ""
        return [{"field": "values.deliver", "error": error}] if lost else []


def _kind(name: str) -> ConnectionKind:
    if name not in PREFERENCES:
        raise NotFound("There are no such settings")
    return PREFERENCES[name]
