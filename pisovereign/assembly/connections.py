"""Connections as people see them, wired to what uses them."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.accounts.people import PeopleService
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.audit.service import AuditLog
from pisovereign.connections.forms import Forms
from pisovereign.connections.preferences import PreferenceService
from pisovereign.connections.service import ConnectionService
from pisovereign.connections.states import ConnectionStates
from pisovereign.connections.types import Choice
from pisovereign.connectors.connected import ConnectionTrials
from pisovereign.connectors.registry import CONNECTORS


def build_connections(
    base: Infrastructure, integrations: Integrations, people: PeopleService, audit: AuditLog
) -> tuple[ConnectionService, PreferenceService]:
    """Return what shows, saves and tries connections, and what does so with other settings."""
    settings = integrations.settings

    async def names() -> Sequence[Choice]:
        return [Choice(str(person.id), person.name) for person in await people.everybody()]

    connections = ConnectionService(
        settings,
        Forms(settings, audit, names, "connection"),
        ConnectionStates(settings, integrations.services.check, base.database, integrations.store),
        ConnectionTrials(CONNECTORS, integrations.context),
    )
    preferences = PreferenceService(
        Forms(settings, audit, names, "settings"), integrations.services.reaches
    )
    return connections, preferences
