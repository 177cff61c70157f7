"""The waste collection that is set now."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any
from uuid import UUID

from pisovereign.cache.refreshing import CachedValue
from pisovereign.cache.store import Region
from pisovereign.connectors.connected_service import SharedService
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import Trial, server_of
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.waste.download import download
from pisovereign.connectors.waste.settings import WasteConfig, https_of
from pisovereign.connectors.waste.source import KEEP_S, CollectionCalendar, Collections, Origin
from pisovereign.connectors.waste.types import Collection
from pisovereign.connectors.words import Words
from pisovereign.outbound.outbound import Outbound

_COLLECTION_BYTES = 300


def build(config: WasteConfig, context: Context) -> CollectionCalendar | None:
    """Return the calendar of the collections; None: there is none."""
    origin = _origin(config, context.outbound)
    if origin is None:
        return None
    kept: Region[CachedValue[Collections]] = Region(
        context.cache, "waste", KEEP_S, lambda found: _COLLECTION_BYTES * len(found.value)
    )
    # Nobody's own zone: the bins are where the household is.
    zone = context.zones(HOUSEHOLD)
    return CollectionCalendar(origin, zone, kept, config.refresh_hours * 3600.0)


def _origin(config: WasteConfig, outbound: Outbound) -> Origin | None:
    if config.url:
        url = https_of(config.url)
        return Origin("waste.url", url, lambda: download(outbound, url, config.timeout_s))
    if not config.file:
        return None
    text = config.file.encode()

    async def given() -> bytes:
        return text

    return Origin("waste.file", hashlib.sha256(text).hexdigest(), given)


class ConnectedWaste(SharedService[CollectionCalendar]):
    """A `WasteSource`."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(
            kind, context, lambda section, _: build(section, context), CollectionCalendar.close
        )
        super().__init__("waste", "The waste collection", "waste.url", parts)

    async def collections(
        self, user: UUID, start: dt.datetime, end: dt.datetime
    ) -> list[Collection]:
        """Return the collections on days that touch [start, end), in order of time."""
        with self.required() as calendar:
            return await calendar.collections(start, end)


start = ConnectedWaste


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Read the calendar, and say on how many days something is collected, and what is next."""
    calendar = build(section, context)
    assert calendar is not None
    trial = Trial(context.outbound.gate, context.outbound.tls, words)

    async def read() -> str:
        coming = await calendar.coming()
        day, title = calendar.day(coming.first), coming.first.title
        return words.say("waste_found", days=coming.days, day=day, title=title)

    try:
        if section.url:
            server = server_of(https_of(section.url))
            await trial.reach(server)
            await trial.step("read", str(server), read)
        else:
            await trial.step("read", words.of(kind.name, "file.label"), read)
    finally:
        await calendar.close()
    return trial.result()
