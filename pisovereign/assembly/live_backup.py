"""The places for backups that are connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.errors import NotConfigured
from pisovereign.health import CachedCheck
from pisovereign.integrations.diagnostics import Integration
from pisovereign.integrations.file_stores.build import BUILDERS
from pisovereign.integrations.file_stores.types import FileStore
from pisovereign.outbound.outbound import Outbound

_SETTINGS = {
    "backup_folder": "backup_folder.path",
    "backup_stick": "backup_stick.name",
    "backup_webdav": "backup_webdav.url",
    "backup_s3": "backup_s3.endpoint",
}


class PlaceParts(NamedTuple):
    """A place, and a check that does not ask too often."""

    store: FileStore
    health: CachedCheck


def build_place(kind: str, config: Any, outbound: Outbound) -> PlaceParts | None:
    """Return a place with its check; None: none is named."""
    store = BUILDERS[kind](config, outbound)
    return None if store is None else PlaceParts(store, CachedCheck(store.check))


class LivePlace:
    """One place for backups; a `ConnectedPlace`.

    Args:
        kind: The kind of connection.
        parts: What it is now.
    """

    def __init__(self, kind: str, parts: LiveParts[PlaceParts]) -> None:
        self.parts = parts
        self._kind = kind

    def is_set_up(self) -> bool:
        """Return whether it is connected."""
        return self.parts.current(HOUSEHOLD) is not None

    @contextmanager
    def using(self) -> Iterator[FileStore | None]:
        """Hold it; None: it is not connected."""
        with self.parts.using(HOUSEHOLD) as parts:
            yield parts.store if parts else None

    async def check(self, user: UUID) -> float | None:
        """Check that it is there.

        Raises:
            NotConfigured: It is not connected.
            UpstreamError: It is not there.
        """
        with self.parts.using(HOUSEHOLD) as parts:
            if parts is None:
                raise NotConfigured("This place for backups", _SETTINGS[self._kind])
            return await parts.health()

    async def check_all(self) -> float | None:
        """Check that it is there."""
        return await self.check(HOUSEHOLD)

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        parts = self.parts.current(HOUSEHOLD)
        if parts is None:
            return Integration(self._kind, _SETTINGS[self._kind])
        return Integration(self._kind, _SETTINGS[self._kind], parts.health, parts.store.probe)
