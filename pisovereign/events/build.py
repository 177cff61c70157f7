"""Events, and all that tells of them, put together."""

from __future__ import annotations

from typing import NamedTuple

from pisovereign.config import Config
from pisovereign.events.log import EventLog
from pisovereign.events.notify_listener import Notices
from pisovereign.events.wakeups import Alarms
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer


class News(NamedTuple):
    """What users are told, and how those who wait for it, or for a task, are woken."""

    log: EventLog
    alarms: Alarms
    task_alarms: Alarms
    notices: Notices

    def end(self) -> None:
        """Wake everybody for the last time."""
        self.alarms.end()
        self.task_alarms.end()


def build_news(config: Config, database: Database, sealer: Sealer) -> News:
    """Put everything together."""
    alarms, task_alarms = Alarms(), Alarms()
    notices = Notices(database.conninfo, (alarms, task_alarms), alone=config.server.workers == 1)
    log = EventLog(database, sealer, config.events.keep, notices)
    return News(log, alarms, task_alarms, notices)
