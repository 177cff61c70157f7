"""Stored conversations as people look at them; texts and titles are sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from psycopg.rows import TupleRow

from pisovereign.admission.chunked_work import made_in_parts
from pisovereign.chat import statements as sql
from pisovereign.chat.cursors import ListPlace, MessagePlace
from pisovereign.chat.history_types import (
    AnswerDetails,
    ConversationSummary,
    Message,
)
from pisovereign.chat.message_rows import MessageSealer
from pisovereign.chat.titles import title_of
from pisovereign.chat.types import SpokenCommand
from pisovereign.errors import NotFound, SealError
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer


class StoredText(NamedTuple):
    """A message as a search reads it."""

    seq: int
    conversation: str
    id: UUID
    role: Literal["user", "assistant"]
    created_at: dt.datetime
    text: str


class ConversationStore:
    """All SQL about looking at conversations; the owner is in every statement."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._messages = MessageSealer(sealer)

    async def page(
        self, user: UUID, limit: int, offset: int, after: ListPlace | None
    ) -> tuple[list[ConversationSummary], int]:
        """Return conversations, pinned ones and then the latest first, and how many there are."""
        values: dict[str, Any] = {"user": user, "limit": limit, "offset": offset, "ids": None}
        values |= _after(after)
        async with self._database.transaction(user) as connection:
            listed = await (await connection.execute(sql.LIST, values)).fetchall()
            total = await (await connection.execute(sql.COUNT, values)).fetchone()
        assert total is not None
        return [self._summary(user, row) for row in listed], total[0]

    async def summaries(self, user: UUID, ids: Sequence[str]) -> dict[str, ConversationSummary]:
        """Return those of some conversations that are there."""
        values = {"user": user, "limit": len(ids), "offset": 0, "ids": list(ids)} | _after(None)
        async with self._database.transaction(user) as connection:
            listed = await (await connection.execute(sql.LIST, values)).fetchall()
        return {row[0]: self._summary(user, row) for row in listed}

    async def named(self, user: UUID, limit: int) -> list[ConversationSummary]:
        """Return those whose title somebody chose, the latest first."""
        values = {"user": user, "limit": limit}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(sql.NAMED, values)).fetchall()
        found = await self.summaries(user, [row[0] for row in rows]) if rows else {}
        return [found[row[0]] for row in rows if row[0] in found]

    async def summary(self, user: UUID, conversation: str) -> ConversationSummary:
        """Return one conversation, without its messages.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        found = await self.summaries(user, [conversation])
        if conversation not in found:
            raise NotFound("No such conversation")
        return found[conversation]

    async def messages(
        self, user: UUID, conversation: str, limit: int | None, before: MessagePlace | None
    ) -> list[tuple[MessagePlace, Message]]:
        """Return messages, the oldest first: the last ones before a place, or all of them."""
        values = {
            "user": user,
            "conversation": conversation,
            "limit": limit,
            "turn": None if before is None else before.turn,
            "seq": None if before is None else before.seq,
        }
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(sql.MESSAGES, values)).fetchall()

        def message(row: TupleRow) -> tuple[MessagePlace, Message]:
            return MessagePlace(row[0], row[1]), self._message(user, row[2:])

        return await made_in_parts(message, rows[::-1])

    async def change(
        self, user: UUID, conversation: str, title: str | None, pinned: bool | None, *, named: bool
    ) -> None:
        """Give a conversation a title, or take it away, and pin it or not.

        Args:
            user: Whose it is.
            conversation: Its id.
            title: The title; None: none, if `named`.
            pinned: Whether it comes first; None: as before.
            named: Whether the title changes.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        sealed = None
        if title is not None:
            sealed = self._sealer.seal(title, aad=_title_of(user, conversation))
        values = {
            "user": user,
            "conversation": conversation,
            "named": named,
            "title": sealed.data if sealed else None,
            "key": sealed.key_id if sealed else None,
            "pinned": pinned,
        }
        async with self._database.transaction(user) as connection:
            changed = await connection.execute(sql.CHANGE, values)
            if changed.rowcount == 0:
                raise NotFound("No such conversation")

    async def delete(self, connection: Connection, user: UUID, conversation: str) -> None:
        """Delete a conversation and everything in it.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        key = {"user": user, "conversation": conversation}
        deleted = await connection.execute(sql.DELETE, key)
        if deleted.rowcount == 0:
            raise NotFound("No such conversation")

    async def idle(self, connection: Connection, user: UUID, days: int, limit: int) -> list[str]:
        """Return some conversations, not pinned, in which nothing was said for so many days."""
        values = {"user": user, "days": days, "limit": limit}
        rows = await (await connection.execute(sql.IDLE, values)).fetchall()
        return [row[0] for row in rows]

    async def texts(self, user: UUID, before: int | None, limit: int) -> list[StoredText]:
        """Return messages of all conversations, the newest first, before a `seq`."""
        values = {"user": user, "before": before, "limit": limit}
        async with self._database.transaction(user) as connection:
            rows = await (await connection.execute(sql.TEXTS, values)).fetchall()
        texts: list[StoredText] = []
        for seq, where, message, role, at, key, stored in rows:
            try:
                text = self._messages.open(stored, key, message, user, "content")
            except SealError:  # nobody can find words in it, and it must hide no other one
                text = ""
            texts.append(StoredText(seq, where, message, role, at, text))
        return texts

    def _summary(self, user: UUID, row: TupleRow) -> ConversationSummary:
        where, key_id, title, pinned, created, updated, count, first, first_key, text = row
        shown = ""
        error: str | UnsetType = UNSET
        try:
            if title is not None:
                shown = self._sealer.open(bytes(title), key_id, _title_of(user, where))
            elif text is not None:
                shown = title_of(self._messages.open(text, first_key, first, user, "content"))
        except SealError as broken:  # it must hide no other one, and can still be deleted
            error = broken.message
        return ConversationSummary(
            id=where,
            title=shown,
            named=title is not None,
            pinned=pinned,
            message_count=count,
            created_at=created,
            updated_at=updated,
            error=error,
        )

    def _message(self, user: UUID, row: TupleRow) -> Message:
        identifier, role, key_id, content, created_at, model, tools, command, details = row
        record = self._messages.record(tools, key_id, identifier, user)
        commands: list[SpokenCommand] = []
        if command is not None:
            stored = self._messages.open(command, key_id, identifier, user, "command")
            commands = msgspec.json.decode(stored, type=list[SpokenCommand])
        used = None
        if details is not None:
            stored = self._messages.open(details, key_id, identifier, user, "details")
            used = msgspec.json.decode(stored, type=AnswerDetails)
        return Message(
            id=identifier,
            role=role,
            content=self._messages.open(content, key_id, identifier, user, "content"),
            created_at=created_at,
            model=model,
            tools=record.uses if record is not None and record.uses else UNSET,
            commands=commands or UNSET,
            details=used or UNSET,
        )


def _after(place: ListPlace | None) -> dict[str, Any]:
    return {
        "after": place is not None,
        "pinned": place.pinned if place else None,
        "updated": place.updated_at if place else None,
        "last": place.id if place else None,
    }


def _title_of(user: UUID, conversation: str) -> bytes:
    return b"conversations.title" + user.bytes + conversation.encode()
