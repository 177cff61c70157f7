"""The places for backups that are connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.assembly.live_service import SharedService
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.health import CachedCheck
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

    async def probe(self) -> str:
        """Ask it now, and return in a few words what it answers."""
        return await self.store.probe()


def build_place(kind: str, config: Any, outbound: Outbound) -> PlaceParts | None:
    """Return a place with its check; None: none is named."""
    store = BUILDERS[kind](config, outbound)
    return None if store is None else PlaceParts(store, CachedCheck(store.check))


class LivePlace(SharedService[PlaceParts]):
    """One place for backups; a `ConnectedPlace`.

    Args:
        kind: The kind of connection.
        parts: What it is now.
    """

    def __init__(self, kind: str, parts: LiveParts[PlaceParts]) -> None:
        super().__init__(kind, "This place for backups", _SETTINGS[kind], parts)

    @contextmanager
    def using(self) -> Iterator[FileStore | None]:
        """Hold it; None: it is not connected."""
        with self.parts.using(HOUSEHOLD) as parts:
            yield parts.store if parts else None
