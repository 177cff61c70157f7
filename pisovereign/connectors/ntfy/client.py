"""The client of an ntfy server: one topic, one POST for each notification."""

from __future__ import annotations

from typing import Any

import msgspec

from pisovereign.errors import UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

PRIORITIES = {"min": 1, "low": 2, "default": 3, "high": 4, "urgent": 5}
_encoder = msgspec.json.Encoder()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """An app's notification; `priority` is 1 to 5, `click` the page that a press opens, if any."""

    title: str
    text: str
    priority: int
    click: str = ""


class _Health(msgspec.Struct, frozen=True):
    healthy: bool = False


class NtfyClient:
    """Publishes to one topic.

    The topic travels in the body alone: in an address it would stand in logs of others.

    Args:
        client: The way out.
        server: The server.
        topic: The topic.
        token: The access token; empty: none.
        timeout_s: The longest time that one call takes, in seconds.
    """

    def __init__(
        self, client: OutboundClient, server: str, topic: str, token: str, timeout_s: float
    ) -> None:
        self._client = client
        self._server = server.rstrip("/")
        self._topic = topic
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self.timeout_s = timeout_s

    async def publish(self, notice: Notice) -> Reply:
        """Publish a notice.

        Raises:
            HostFailed: as in `OutboundClient.post`.
        """
        body: dict[str, Any] = {
            "topic": self._topic,
            "title": notice.title,
            "message": notice.text,
            "priority": notice.priority,
        }
        if notice.click:
            body["click"] = notice.click
        return await self._client.post(
            f"{self._server}/",
            _encoder.encode(body),
            headers=self._headers,
            timeout_s=self.timeout_s,
        )

    async def probe(self) -> str:
        """Ask the server for its health, and whether it knows the token.

        Raises:
            UpstreamError: It refuses, or it is away.
        """
        health = await self._get("v1/health")
        try:
            well = msgspec.json.decode(health.body, type=_Health).healthy
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            well = False
        if not well:
            raise UpstreamError("There is no ntfy server at ntfy.server, or it is not well")
        if "Authorization" in self._headers:
            await self._get("v1/account")
        return "takes notifications"

    async def _get(self, path: str) -> Reply:
        reply = await self._client.get(
            f"{self._server}/{path}", headers=self._headers, timeout_s=self.timeout_s
        )
        if reply.status != 200:
            raise UpstreamError(explain(reply))
        return reply


def explain(reply: Reply) -> str:
    """Return what is wrong, and what to do about it; its own text may quote, and is left out."""
    if reply.status in (401, 403):
        return "The ntfy server does not let this topic be used: set ntfy.token to one that may"
    if reply.status == 404:
        return "There is no ntfy server at ntfy.server"
    if reply.status == 413:
        return "The ntfy server says that the notification is too large"
    if reply.status == 429:
        return "The ntfy server wants fewer notifications for a while"
    return f"The ntfy server answers with status {reply.status}"
