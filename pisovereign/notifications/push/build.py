"""Web Push, put together."""

from __future__ import annotations

from typing import NamedTuple

from pisovereign.config import PushConfig
from pisovereign.notifications.push.channel import PushChannel
from pisovereign.notifications.push.late_sender import LateSender
from pisovereign.notifications.push.service import PushService
from pisovereign.notifications.push.store import PushStore
from pisovereign.outbound.client import OutboundClient
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer


class Push(NamedTuple):
    """The service and the channel of Web Push: who is told in a browser, and what tells them."""

    service: PushService
    channel: PushChannel


def build_push(
    config: PushConfig, database: Database, client: OutboundClient, sealer: Sealer, key: bytes
) -> Push:
    """Return Web Push; `key` is the sealing key, of which its own are made."""
    store = PushStore(sealer, key)
    sender = LateSender(key, config.contact)
    channel = PushChannel(client, database, store, sender, show_text=config.show_text)
    return Push(PushService(database, store, sender), channel)
