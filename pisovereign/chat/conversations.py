"""Stored conversations, as people look at them, name, search, export and forget them."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import UNSET

from pisovereign.chat.answer_streams import AnswerStreams
from pisovereign.chat.conversation_search import ConversationSearch
from pisovereign.chat.conversation_store import ConversationStore
from pisovereign.chat.cursors import ListPlace, MessagePlace, read_cursor, write_cursor
from pisovereign.chat.history_types import (
    Conversation,
    ConversationChange,
    ConversationQuery,
    ConversationSummary,
    Message,
    MessageQuery,
    MessageSearch,
    SearchResult,
)
from pisovereign.chat.types import is_conversation_id
from pisovereign.errors import NotFound
from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages
from pisovereign.storage.pool import Database


class ConversationService:
    """Stored conversations of users.

    Args:
        database: Where they are.
        store: Their SQL.
        streams: Answers that are being written.
    """

    def __init__(
        self, database: Database, store: ConversationStore, streams: AnswerStreams
    ) -> None:
        self._database = database
        self._store = store
        self._streams = streams
        self._search = ConversationSearch(store)

    async def page(
        self, user: UUID, query: ConversationQuery
    ) -> tuple[list[ConversationSummary], int, str | None]:
        """Return a page of conversations, how many there are in all, and where the next begins.

        Raises:
            ValidationFailed: the cursor is none.
        """
        after = None if query.cursor is None else read_cursor(query.cursor, ListPlace)
        found, total = await self._store.page(user, query.limit + 1, query.offset, after)
        page = found[: query.limit]
        if len(found) <= query.limit:
            return page, total, None
        last = page[-1]
        return page, total, write_cursor((last.pinned, last.updated_at, last.id))

    async def whole(self, user: UUID, conversation: str) -> Conversation:
        """Return a conversation with all of its messages.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        summary = await self._summary(user, conversation)
        found = await self._store.messages(user, conversation, None, None)
        return Conversation(
            **msgspec.structs.asdict(summary), messages=[message for _, message in found]
        )

    async def messages(
        self, user: UUID, conversation: str, query: MessageQuery
    ) -> tuple[list[Message], int, str | None]:
        """Return the last messages before a place, how many there are, and where to go on.

        The oldest comes first.

        Raises:
            NotFound: unknown, or somebody else's.
            ValidationFailed: the cursor is none.
        """
        before = None if query.cursor is None else read_cursor(query.cursor, MessagePlace)
        summary = await self._summary(user, conversation)
        found = await self._store.messages(user, conversation, query.limit + 1, before)
        answering = await self._streams.answering(user, conversation)
        page = [(at, _shown(message, answering)) for at, message in found[-query.limit :]]
        older = write_cursor(page[0][0]) if len(found) > query.limit else None
        return [message for _, message in page], summary.message_count, older

    async def change(
        self, user: UUID, conversation: str, change: ConversationChange
    ) -> ConversationSummary:
        """Give a conversation a title, or pin it, and return it.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        _require_possible(conversation)
        title = None if change.title is UNSET or change.title is None else change.title
        await self._store.change(
            user,
            conversation,
            None if title is None else " ".join(title.split()),
            None if change.pinned is UNSET else change.pinned,
            named=change.title is not UNSET,
        )
        return await self._store.summary(user, conversation)

    async def delete(self, user: UUID, conversation: str) -> None:
        """Forget a conversation.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        _require_possible(conversation)
        async with self._database.transaction(user) as connection:
            await self._streams.forget(connection, user, conversation)
            await self._store.delete(connection, user, conversation)

    async def prune(self, user: UUID, days: int, limit: int) -> int:
        """Forget some conversations in which nothing was said for so many days; return how many.

        Those that are pinned stay.
        """
        async with self._database.transaction(user) as connection:
            idle = await self._store.idle(connection, user, days, limit)
            for conversation in idle:
                await self._streams.forget(connection, user, conversation)
                await self._store.delete(connection, user, conversation)
        return len(idle)

    async def search(self, user: UUID, search: MessageSearch) -> SearchResult:
        """Return the conversations that have all words of a search in one message, or the title.

        Raises:
            ValidationFailed: the cursor is none.
        """
        return await self._search.search(user, search)

    async def markdown(self, user: UUID, conversation: str, language: Language) -> str:
        """Return a conversation as a text that people read.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        whole = await self.whole(user, conversation)
        words = load_messages(language, "chat")
        parts = [f"# {whole.title or whole.id}"]
        for message in whole.messages:
            who = words.say("said_by_user" if message.role == "user" else "said_by_assistant")
            at = message.created_at.strftime("%Y-%m-%d %H:%M UTC")
            parts += [f"## {who} · {at}", message.content]
        return "\n\n".join(parts) + "\n"

    async def _summary(self, user: UUID, conversation: str) -> ConversationSummary:
        _require_possible(conversation)
        return await self._store.summary(user, conversation)


def _shown(message: Message, answering: set[UUID]) -> Message:
    if message.id not in answering:
        return message
    return msgspec.structs.replace(message, answering=True)


def _require_possible(conversation: str) -> None:
    """Answer an id that no conversation can have as an unknown one, before the database sees it."""
    if not is_conversation_id(conversation):
        raise NotFound("No such conversation")
