"""Telling people that an answer is there which they were told to wait for no longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages
from pisovereign.notifications.service import Notification
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection
from pisovereign.text.untrusted import one_line

_MOST = 300  # characters: it is a notice, and the answer is in its conversation


class ReadyAnswer(NamedTuple):
    """An answer: the message that it answers, where that is, and what it says."""

    message: UUID
    conversation: str
    text: str


class Notifies(Protocol):
    """Tells people something; `NotificationService`, as far as it is needed here."""

    async def notify(self, connection: Connection, user: UUID, told: Notification) -> None:
        """Tell a user something, in each of the ways."""
        ...


class AnswerNotices:
    """Tells of answers.

    Args:
        notifications: What sends it.
        ways: How a user wants to be told.
    """

    def __init__(self, notifications: Notifies, ways: Callable[[UUID], Sequence[Way]]) -> None:
        self._notifications = notifications
        self._ways = ways

    async def tell(
        self,
        connection: Connection,
        user: UUID,
        ready: ReadyAnswer,
        *,
        language: Language,
        looking: bool,
    ) -> None:
        """Tell whose answer is there, in a transaction of theirs.

        Args:
            connection: Of the transaction.
            user: Whose it is.
            ready: The answer.
            language: What they are told in.
            looking: They see it come: only their open pages are told.
        """
        text = load_messages(language, "chat").say("done_now", answer=one_line(ready.text, _MOST))
        told = Notification(
            ways=("events",) if looking else tuple(dict.fromkeys(("events", *self._ways(user)))),
            about="answer",
            subject=ready.message,
            text=text,
            event="answer_ready",
            data={
                "message_id": ready.message,
                "conversation_id": ready.conversation,
                "text": text,
            },
        )
        await self._notifications.notify(connection, user, told)
