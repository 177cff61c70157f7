"""ntfy as a way of sending what is in the outbox.

A notification holds no key and no button: whoever reads along on its server could use them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple
from uuid import UUID

from pisovereign.connectors.notice_titles import notice_title
from pisovereign.connectors.ntfy.client import PRIORITIES, Notice, NtfyClient, explain
from pisovereign.connectors.ntfy.settings import NtfyConfig
from pisovereign.connectors.sending import (
    About,
    MaybeSent,
    NotSent,
    Outgoing,
    retry_after,
    sending_failure,
)
from pisovereign.errors import PiSovereignError, ServiceUnavailable
from pisovereign.languages import Language

_MOST_BYTES = 2000  # what is longer becomes a file on the server
_REPAIR_S = 300.0
_ASKS = frozenset(("approval", "supervised"))
_VIEWS: Mapping[About, str] = {
    "approval": "/approvals",
    "supervised": "/approvals",
    "reminder": "/reminders",
    "task": "/tasks",
}


class Topic(NamedTuple):
    """A topic, and what its owner wants to be shown there."""

    client: NtfyClient
    config: NtfyConfig


Using = Callable[[UUID], AbstractContextManager[Topic | None]]
"""Holds the topic of a user; None: they have none."""


class NtfyChannel:
    """Publishes to each person's topic.

    Args:
        using: Holds it.
        language: Returns a user's language.
        timeout_s: The longest time that one call takes, in seconds.
    """

    name = "ntfy"
    longest: int | None = None

    def __init__(
        self, using: Using, language: Callable[[UUID], Awaitable[Language]], timeout_s: float
    ) -> None:
        self._using = using
        self._language = language
        self.limit_s = timeout_s + 5.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: it certainly was not.
            MaybeSent: nobody knows.
        """
        try:
            language = await self._language(user)
        except ServiceUnavailable as error:
            raise NotSent(error.message, again_s=0.0) from None
        with self._using(user) as topic:
            if topic is None:
                raise NotSent("ntfy is not set up for you: connect it on the page", again_s=None)
            notice = _notice(topic.config, message, language)
            try:
                reply = await topic.client.publish(notice)
            except PiSovereignError as error:
                raise sending_failure(error) from None
        if reply.status < 300:
            return
        if reply.status >= 500:
            raise MaybeSent(explain(reply))
        if reply.status == 429:
            raise NotSent(explain(reply), again_s=retry_after(reply.headers))
        again_s = _REPAIR_S if reply.status in (401, 403, 404) else None
        raise NotSent(explain(reply), again_s=again_s)


def _notice(config: NtfyConfig, message: Outgoing, language: Language) -> Notice:
    about = message.about
    shows = config.show_approvals if about in _ASKS else config.show_text
    title = notice_title(language, about)
    view = _VIEWS.get(about, "/")
    return Notice(
        title=title,
        text=_shortened(message.text) if shows or about == "test" else title,
        priority=PRIORITIES[config.priority],
        click=f"{config.page_url.rstrip('/')}{view}" if config.page_url else "",
    )


def _shortened(text: str) -> str:
    data = text.encode(errors="replace")
    return text if len(data) <= _MOST_BYTES else f"{data[:_MOST_BYTES].decode(errors='ignore')} …"
