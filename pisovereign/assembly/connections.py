"""Connections as people see them, wired to what uses them."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.assembly.connection_trials import ConnectionTrials
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.audit.service import AuditLog
from pisovereign.connections.service import ConnectionService
from pisovereign.connections.states import ConnectionStates
from pisovereign.connections.types import Choice


def build_connections(
    base: Infrastructure, integrations: Integrations, audit: AuditLog
) -> ConnectionService:
    """Return what shows, saves and tries connections."""
    settings = integrations.settings

    def people() -> Sequence[Choice]:
        return [Choice(str(user), name) for user, name in base.keys.names().items()]

    return ConnectionService(
        settings,
        ConnectionStates(settings, integrations.check, base.database, integrations.store),
        ConnectionTrials(base),
        audit,
        people,
    )
