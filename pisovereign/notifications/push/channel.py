"""Web Push as a way of sending what is in the outbox: to each browser of a user."""

from __future__ import annotations

import asyncio
import base64
from typing import Literal
from uuid import UUID

from pisovereign.connectors.notice_titles import notice_title
from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.errors import HostFailed, HostPaused, PiSovereignError
from pisovereign.languages import Language
from pisovereign.net.hosts import parse_url
from pisovereign.notifications.push.late_sender import LateSender
from pisovereign.notifications.push.store import PushStore
from pisovereign.notifications.push.types import Notice, Reached
from pisovereign.notifications.types import Channel
from pisovereign.outbound.client import OutboundClient
from pisovereign.storage.pool import Database

_TIMEOUT_S = 15.0
_MOST = 3072  # bytes; push services take 4096, of which encryption needs some
_KEPT_S = 4 * 3600  # how long a push service keeps it for a phone that is off
_AGAIN_S = 30.0
_GONE = frozenset((404, 410))
_BUSY = frozenset((408, 429))
Result = Literal["sent", "gone", "again", "refused"]


class PushChannel:
    """Sends notices to all browsers that a user subscribed.

    A notice that arrives twice takes its own place, since both have one tag: so it is tried again
    whenever it is not certain that it arrived anywhere.

    Args:
        client: The one way out: https, and only to hosts of the public internet.
        database: Where subscriptions are.
        store: Their SQL.
        sender: Who sends.
        show_text: Whether a notice says what it is about.
    """

    name: Channel = "push"
    longest: int | None = None
    limit_s = _TIMEOUT_S + 10.0

    def __init__(
        self,
        client: OutboundClient,
        database: Database,
        store: PushStore,
        sender: LateSender,
        *,
        show_text: bool,
    ) -> None:
        self._client = client
        self._database = database
        self._store = store
        self._sender = sender
        self._show_text = show_text

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a notice to each browser; subscriptions that are gone are forgotten.

        Raises:
            NotSent: No browser was reached.
        """
        async with self._database.transaction(user) as connection:
            await self._store.drop_ended(connection, user)
            browsers = await self._store.reached(connection, user)
        results = await asyncio.gather(*(self._send(each, message) for each in browsers))
        by_result: dict[Result, list[UUID]] = {}
        for browser, result in zip(browsers, results, strict=True):
            by_result.setdefault(result, []).append(browser.id)
        sent, gone = by_result.get("sent", []), by_result.get("gone", [])
        async with self._database.transaction(user) as connection:
            await self._store.remove(connection, user, gone)
            await self._store.sent(connection, user, sent)
        if sent or set(by_result) <= {"gone"}:
            return
        if "again" in by_result:
            raise NotSent("The push service cannot be reached now", again_s=_AGAIN_S)
        raise NotSent("The push service refuses the message", again_s=None)

    async def _send(self, browser: Reached, message: Outgoing) -> Result:
        sender = await self._sender.get()
        target = parse_url(browser.endpoint)
        notice = self._notice(browser.language, message)
        port = "" if target.port == 443 else f":{target.port}"
        headers = {
            "Authorization": sender.authorization(f"https://{target.host}{port}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_KEPT_S),
            "Urgency": "high",
            # The push service replaces one that still waits.
            "Topic": base64.urlsafe_b64encode(message.subject.bytes).rstrip(b"=").decode(),
        }
        body = sender.encrypt(notice, browser)
        try:
            reply = await self._client.post(
                browser.endpoint, body=body, headers=headers, timeout_s=_TIMEOUT_S
            )
        except (HostPaused, HostFailed):
            return "again"
        except PiSovereignError:  # the gate, or an answer that is none
            return "refused"
        if reply.status < 300:
            return "sent"
        if reply.status in _GONE:
            return "gone"
        return "again" if reply.status in _BUSY or reply.status >= 500 else "refused"

    def _notice(self, language: Language, message: Outgoing) -> Notice:
        return Notice(
            title=notice_title(language, message.about),
            body=shorten(message.text) if self._show_text else "",
            tag=str(message.subject),
            kind=message.about,
        )


def shorten(text: str) -> str:
    """Return as much of a text as a message has room for."""
    data = text.encode()
    return text if len(data) <= _MOST // 3 else data[: _MOST // 3].decode(errors="ignore") + " …"
