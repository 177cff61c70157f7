"""The places for backups that are connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connected_service import SharedService
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.connectors.file_stores.settings import (
    BackupFolderConfig,
    BackupS3Config,
    BackupWebdavConfig,
)
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import Trial, try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound


class PlaceParts(NamedTuple):
    """A place, and a check that does not ask too often."""

    store: FileStore
    health: CachedCheck
    probe: Probe


def build(kind: str, config: Any, outbound: Outbound) -> PlaceParts | None:
    """Return a place with its check; None: none is named."""
    store = BUILDERS[kind](config, outbound)
    return None if store is None else PlaceParts(store, CachedCheck(store.check), store.probe)


class ConnectedPlace(SharedService[PlaceParts]):
    """One place for backups; a `ConnectedPlace`."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(
            kind, context, lambda section, _: build(kind.name, section, context.outbound)
        )
        setting = f"{kind.section}.{kind.fields[0].name}"
        super().__init__(kind.name, "This place for backups", setting, parts)

    @contextmanager
    def using(self) -> Iterator[FileStore | None]:
        """Hold it; None: it is not connected."""
        with self._parts.using(HOUSEHOLD) as parts:
            yield parts.store if parts else None


start = ConnectedPlace


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Write a small file, read it, and delete it."""
    outbound = context.outbound
    store = BUILDERS[kind.name](section, outbound)
    assert store is not None
    match section:
        case BackupWebdavConfig():
            return await try_probe(section.url, "write", store.probe, outbound, words)
        case BackupS3Config():
            return await try_probe(section.endpoint, "write", store.probe, outbound, words)
    trial = Trial(outbound.gate, outbound.tls, words)
    where = section.path if isinstance(section, BackupFolderConfig) else section.name
    await trial.step("write", where, store.probe)
    return trial.result()
