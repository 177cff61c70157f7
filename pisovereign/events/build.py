"""The log of events, and what wakes those who watch it, put together."""

from __future__ import annotations

from typing import NamedTuple

from pisovereign.config import Config
from pisovereign.events.log import EventLog
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer


class EventServices(NamedTuple):
    """The log, and what hears of other processes' events in the background."""

    log: EventLog
    listener: NotifyListener


def build_events(config: Config, database: Database, sealer: Sealer) -> EventServices:
    """Put everything together."""
    wakeups = Wakeups()
    listener = NotifyListener(database.conninfo, wakeups, alone=config.server.workers == 1)
    return EventServices(
        EventLog(database, sealer, config.events.keep, listener, wakeups), listener
    )
