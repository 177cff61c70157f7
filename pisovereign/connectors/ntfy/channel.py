"""ntfy as a way of sending what is in the outbox.

A notification holds no key and no button: whoever reads along on its server could use them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec

from pisovereign.connectors.ntfy.client import PRIORITIES, Notice, NtfyClient, explain
from pisovereign.errors import PiSovereignError, ServiceUnavailable
from pisovereign.languages import Language
from pisovereign.notifications.channel import MaybeSent, NotSent
from pisovereign.notifications.failures import sending_failure
from pisovereign.notifications.titles import notice_title
from pisovereign.notifications.types import About, Channel, Outgoing

_MOST_BYTES = 2000  # what is longer becomes a file on the server
_REPAIR_S = 300.0
_ASKS = frozenset(("approval", "supervised"))
_VIEWS: Mapping[About, str] = {
    "approval": "/approvals",
    "supervised": "/approvals",
    "reminder": "/reminders",
    "task": "/tasks",
}


class NtfyChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to be shown: `page_url` is where they open the page, if they said."""

    priority: str
    show_text: bool
    show_approvals: bool
    page_url: str


class NtfyChannel:
    """Publishes to the topic of one user.

    Args:
        client: The topic.
        choices: What is shown there.
        language: Returns a user's language.
    """

    name: Channel = "ntfy"
    longest: int | None = None

    def __init__(
        self,
        client: NtfyClient,
        choices: NtfyChoices,
        language: Callable[[UUID], Awaitable[Language]],
    ) -> None:
        self._client = client
        self._choices = choices
        self._language = language
        self.limit_s = client.timeout_s + 5.0

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
        try:
            reply = await self._client.publish(self._notice(message, language))
        except PiSovereignError as error:
            raise sending_failure(error) from None
        if reply.status < 300:
            return
        if reply.status >= 500:
            raise MaybeSent(explain(reply))
        if reply.status == 429:
            raise NotSent(explain(reply), again_s=_retry_after_s(reply.headers))
        again_s = _REPAIR_S if reply.status in (401, 403, 404) else None
        raise NotSent(explain(reply), again_s=again_s)

    def _notice(self, message: Outgoing, language: Language) -> Notice:
        choices, about = self._choices, message.about
        shows = choices.show_approvals if about in _ASKS else choices.show_text
        title = notice_title(language, about)
        view = _VIEWS.get(about, "/")
        return Notice(
            title=title,
            text=_shortened(message.text) if shows or about == "test" else title,
            priority=PRIORITIES[choices.priority],
            click=f"{choices.page_url.rstrip('/')}{view}" if choices.page_url else "",
        )


def _shortened(text: str) -> str:
    data = text.encode(errors="replace")
    return text if len(data) <= _MOST_BYTES else f"{data[:_MOST_BYTES].decode(errors='ignore')} …"


def _retry_after_s(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
