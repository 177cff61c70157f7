"""Conversations in PostgreSQL, with every text sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET
from psycopg.errors import ForeignKeyViolation
from psycopg.rows import TupleRow

from pisovereign.chat.prompt import with_context
from pisovereign.chat.types import (
    Conversation,
    ConversationSummary,
    Message,
    Tokens,
    ToolRecord,
    Turn,
)
from pisovereign.errors import NotFound
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer

_OPEN_CONVERSATION = """
INSERT INTO conversations (user_id, id) VALUES (%(user)s, %(conversation)s)
ON CONFLICT (user_id, id) DO UPDATE SET updated_at = now()
"""
_HISTORY = """
SELECT m.id, m.seq, m.role, m.key_id, m.content, m.context, m.prompt_tokens, m.completion_tokens,
       m.model, m.command, m.tools
FROM messages m JOIN conversations c ON c.user_id = m.user_id AND c.id = m.conversation_id
WHERE m.user_id = %(user)s AND m.conversation_id = %(conversation)s
  AND coalesce(m.answers, m.seq) >= c.window_start
ORDER BY coalesce(m.answers, m.seq), m.seq
"""
_ADD_USER_MESSAGE = """
INSERT INTO messages (id, user_id, conversation_id, role, key_id, content, context)
VALUES (%(id)s, %(user)s, %(conversation)s, 'user', %(key)s, %(content)s, %(context)s)
"""
# Only beside its question: a conversation that was deleted and begun anew is another one.
_ADD_ANSWER = """
INSERT INTO messages (id, user_id, conversation_id, answers, role, key_id, content, model,
                      prompt_tokens, completion_tokens, command, tools)
SELECT %(id)s, user_id, conversation_id, seq, 'assistant', %(key)s, %(content)s, %(model)s,
       %(prompt)s, %(completion)s, %(command)s, %(tools)s
FROM messages WHERE user_id = %(user)s AND id = %(question)s
RETURNING created_at
"""
_MOVE_WINDOW = """
UPDATE conversations SET window_start = greatest(window_start, %(seq)s)
WHERE user_id = %(user)s AND id = %(conversation)s
"""
_ANSWER_TO = """
SELECT a.id, a.key_id, a.content
FROM messages q JOIN messages a ON a.user_id = q.user_id
    AND a.conversation_id = q.conversation_id AND a.answers = q.seq
WHERE q.user_id = %(user)s AND q.id = %(id)s
"""
_DELETE_MESSAGE = "DELETE FROM messages WHERE user_id = %(user)s AND id = %(id)s"
_DELETE_IF_EMPTY = """
DELETE FROM conversations c WHERE c.user_id = %(user)s AND c.id = %(conversation)s
AND NOT EXISTS (SELECT FROM messages m WHERE m.user_id = c.user_id AND m.conversation_id = c.id)
"""
_TOUCH = """
UPDATE conversations SET updated_at = now() WHERE user_id = %(user)s AND id = %(conversation)s
"""
_LIST = """
SELECT c.id, count(m.id), c.created_at, c.updated_at
FROM conversations c
LEFT JOIN messages m ON m.user_id = c.user_id AND m.conversation_id = c.id
WHERE c.user_id = %(user)s
GROUP BY c.user_id, c.id ORDER BY c.updated_at DESC, c.id
LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = "SELECT count(*) FROM conversations WHERE user_id = %(user)s"
_GET = """
SELECT created_at, updated_at FROM conversations
WHERE user_id = %(user)s AND id = %(conversation)s
"""
_MESSAGES = """
SELECT id, role, key_id, content, created_at, model, tools FROM messages
WHERE user_id = %(user)s AND conversation_id = %(conversation)s
ORDER BY coalesce(answers, seq), seq
"""
_DELETE = "DELETE FROM conversations WHERE user_id = %(user)s AND id = %(conversation)s"


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finished answer to be stored.

    `command` is what commands answered: JSON, a list of `SpokenCommand`; None: a model answered.
    `tools` is what a model with tools did; None: it had none.
    """

    id: UUID
    question: UUID
    content: str
    model: str
    tokens: Tokens
    command: str | None = None
    tools: ToolRecord | None = None


class ChatStore:
    """All SQL about conversations; the owner is in every statement."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add_user_message(
        self,
        user: UUID,
        conversation: str,
        message: str,
        context: str | None,
        identifier: UUID | None = None,
    ) -> tuple[UUID, list[Turn]]:
        """Store the user's turn, creating the conversation when it is new.

        Returns the message's id and the turns before it, oldest first, after the commit: what is
        returned is durable. The id is a new one unless the caller has given it.
        """
        identifier = identifier or uuid4()
        key = {"user": user, "conversation": conversation}
        row = key | {
            "id": identifier,
            "key": self._sealer.key_id,
            "content": self._seal(message, identifier, user, "content"),
            "context": None
            if context is None
            else self._seal(context, identifier, user, "context"),
        }
        async with self._database.transaction(user) as connection, connection.pipeline():
            await connection.execute(_OPEN_CONVERSATION, key)
            history = await connection.execute(_HISTORY, key)
            await connection.execute(_ADD_USER_MESSAGE, row)
            rows = await history.fetchall()
        return identifier, [self._turn(user, row) for row in rows]

    async def add_answer(
        self,
        user: UUID,
        conversation: str,
        answer: AnswerRow,
        also: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> dt.datetime:
        """Store a complete answer, and return when; `also` is part of the same transaction.

        Raises:
            NotFound: the conversation was deleted while the answer was written.
        """
        row = {
            "id": answer.id,
            "question": answer.question,
            "user": user,
            "conversation": conversation,
            "key": self._sealer.key_id,
            "content": self._seal(answer.content, answer.id, user, "content"),
            "model": answer.model,
            # A server that does not count reports 0, which is no number to plan with.
            "prompt": answer.tokens.prompt or None,
            "completion": answer.tokens.completion or None,
            "command": None
            if answer.command is None
            else self._seal(answer.command, answer.id, user, "command"),
            "tools": None
            if answer.tools is None
            else self._seal(msgspec.json.encode(answer.tools).decode(), answer.id, user, "tools"),
        }
        try:
            async with self._database.transaction(user) as connection, connection.pipeline():
                cursor = await connection.execute(_ADD_ANSWER, row)
                await connection.execute(_TOUCH, row)
                created = await cursor.fetchone()
                if created is None:
                    raise NotFound("The conversation was deleted")
                if also is not None:
                    await also(connection)
        except ForeignKeyViolation as error:
            if error.diag.constraint_name != "messages_user_id_conversation_id_fkey":
                raise
            raise NotFound("The conversation was deleted") from None
        at: dt.datetime = created[0]
        return at

    async def move_window(self, user: UUID, conversation: str, seq: int) -> None:
        """Leave everything before `seq` out of later prompts; it stays stored."""
        async with self._database.transaction(user) as connection:
            await connection.execute(
                _MOVE_WINDOW, {"user": user, "conversation": conversation, "seq": seq}
            )

    async def withdraw(self, user: UUID, conversation: str, message: UUID) -> bool:
        """Take back a message, and the conversation when it was the only one.

        Returns whether there was one.
        """
        key = {"user": user, "conversation": conversation, "id": message}
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_DELETE_MESSAGE, key)
            await connection.execute(_DELETE_IF_EMPTY, key)
        return cursor.rowcount > 0

    async def answer_to(self, user: UUID, message: UUID) -> str | None:
        """Return the answer to a message; None if there is none, or no such message."""
        async with self._database.transaction(user) as connection:
            found = await connection.execute(_ANSWER_TO, {"user": user, "id": message})
            row = await found.fetchone()
        if row is None:
            return None
        identifier, key_id, content = row
        return self._open(content, key_id, identifier, user, "content")

    async def conversations(
        self, user: UUID, limit: int, offset: int
    ) -> tuple[list[ConversationSummary], int]:
        """Return a page of the user's conversations, the latest first, and how many there are."""
        page = {"user": user, "limit": limit, "offset": offset}
        async with self._database.transaction(user) as connection:
            listed = await (await connection.execute(_LIST, page)).fetchall()
            total = await (await connection.execute(_COUNT, page)).fetchone()
        assert total is not None
        return [
            ConversationSummary(
                id=row[0], message_count=row[1], created_at=row[2], updated_at=row[3]
            )
            for row in listed
        ], total[0]

    async def conversation(self, user: UUID, conversation: str) -> Conversation:
        """Return one conversation with its messages.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        key = {"user": user, "conversation": conversation}
        async with self._database.transaction(user) as connection:
            head = await (await connection.execute(_GET, key)).fetchone()
            rows = await (await connection.execute(_MESSAGES, key)).fetchall()
        if head is None:
            raise NotFound("No such conversation")
        messages = [self._message(user, row) for row in rows]
        return Conversation(
            id=conversation, created_at=head[0], updated_at=head[1], messages=messages
        )

    async def delete(self, user: UUID, conversation: str) -> None:
        """Delete a conversation and everything in it.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        key = {"user": user, "conversation": conversation}
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_DELETE, key)
            if cursor.rowcount == 0:
                raise NotFound("No such conversation")

    def _turn(self, user: UUID, row: TupleRow) -> Turn:
        identifier, seq, role, key_id, content, context, *rest = row
        prompt, completion, model, command, tools = rest
        text = said = self._open(content, key_id, identifier, user, "content")
        if context is not None:
            text = with_context(text, self._open(context, key_id, identifier, user, "context"))
        if command is not None:
            command = self._open(command, key_id, identifier, user, "command")
        return Turn(
            seq=seq,
            role=role,
            sent=text,
            prompt_tokens=prompt,
            completion_tokens=completion,
            model=model,
            command=command,
            tools=self._record(tools, key_id, identifier, user),
            said=said,
        )

    def _message(self, user: UUID, row: TupleRow) -> Message:
        identifier, role, key_id, content, created_at, model, tools = row
        text = self._open(content, key_id, identifier, user, "content")
        record = self._record(tools, key_id, identifier, user)
        return Message(
            id=identifier,
            role=role,
            content=text,
            created_at=created_at,
            model=model,
            tools=record.uses if record is not None and record.uses else UNSET,
        )

    def _record(self, data: Any, key_id: str, message: UUID, user: UUID) -> ToolRecord | None:
        if data is None:
            return None
        text = self._open(data, key_id, message, user, "tools")
        return msgspec.json.decode(text, type=ToolRecord)

    def _seal(self, text: str, message: UUID, user: UUID, column: str) -> bytes:
        return self._sealer.seal(text, aad=_binding(message, user, column)).data

    def _open(self, data: Any, key_id: str, message: UUID, user: UUID, column: str) -> str:
        return self._sealer.open(bytes(data), key_id, aad=_binding(message, user, column))


def _binding(message: UUID, user: UUID, column: str) -> bytes:
    """Return what binds a ciphertext: moved to another row, owner or column it does not open."""
    return b"messages." + column.encode() + message.bytes + user.bytes
