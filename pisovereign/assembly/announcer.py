"""Tells the local network what can be reached here, as long as it can be."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pisovereign.config import Config
from pisovereign.connectors.avahi import Announcement, Service, announce
from pisovereign.errors import UpstreamError
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.net.hosts import is_loopback

if TYPE_CHECKING:
    from pisovereign.wyoming.server import WyomingServer

_log = logging.getLogger(__name__)
_LOOK_S = 30.0
_SOON_S = 2.0  # what listens may not do so yet
_WITHOUT_S = 300.0
OWN, WYOMING = "_pisovereign._tcp", "_wyoming._tcp"


class Announcer:
    """Announces services by Avahi, where that runs.

    Args:
        services: Returns what can be reached now.
    """

    def __init__(self, services: Callable[[], Sequence[Service]]) -> None:
        self._services = services
        self._name = f"PiSovereign on {platform.node().partition('.')[0]}"[:63]
        self._told: tuple[Service, ...] = ()
        self._announcement: Announcement | None = None
        self._telling = PeriodicTask(self._tell, "nothing is announced")

    def start(self) -> None:
        """Begin, on the running loop."""
        self._telling.start()

    async def stop(self) -> None:
        """Take everything back."""
        await self._telling.stop()
        self._take_back()

    async def _tell(self) -> float:
        present = tuple(self._services())
        if self._announcement is not None:
            if present == self._told and await self._announcement.holds():
                return _LOOK_S
            self._take_back()
        if not present or self._telling.ending:
            return _SOON_S
        try:
            self._announcement = await announce(self._name, present)
        except UpstreamError as error:
            _log.info("nothing is announced in the local network: %s", error.message)
            return _WITHOUT_S
        self._told = present
        _log.info("announced: %s", ", ".join(f"{each.type} {each.port}" for each in present))
        return _SOON_S

    def _take_back(self) -> None:
        if self._announcement is not None:
            self._announcement.close()
        self._announcement = None


def reachable(config: Config, wyoming: WyomingServer | None) -> list[Service]:
    """Return what other machines can reach; nothing of it listens on loopback only."""
    found = []
    if not is_loopback(config.server.host):
        tls = config.tls.mode != "off"
        port = config.tls.port if tls else config.server.port
        found.append(Service(OWN, port, {"path": "/", "tls": "1" if tls else "0"}))
    if wyoming is not None and wyoming.listens and not is_loopback(config.wyoming.host):
        found.append(Service(WYOMING, config.wyoming.port, {}))
    return found
