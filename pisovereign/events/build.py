"""Events, and all that tells of them, put together."""

from __future__ import annotations

from typing import NamedTuple

from pisovereign.config import Config
from pisovereign.events.log import EventLog
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer


class EventServices(NamedTuple):
    """What users are told, and how those who wait for it, or for a task, are woken."""

    log: EventLog
    wakeups: Wakeups
    task_wakeups: Wakeups
    listener: NotifyListener

    def end(self) -> None:
        """Wake everybody for the last time."""
        self.wakeups.end()
        self.task_wakeups.end()


def build_events(config: Config, database: Database, sealer: Sealer) -> EventServices:
    """Put everything together."""
    wakeups, task_wakeups = Wakeups(), Wakeups()
    listener = NotifyListener(
        database.conninfo, (wakeups, task_wakeups), alone=config.server.workers == 1
    )
    log = EventLog(database, sealer, config.events.keep, listener)
    return EventServices(log, wakeups, task_wakeups, listener)
