"""Conversations in PostgreSQL, with every text sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET
from psycopg.errors import ForeignKeyViolation
from psycopg.rows import TupleRow

from pisovereign.chat.history_types import AnswerDetails
from pisovereign.chat.message_rows import MessageSealer
from pisovereign.chat.prompt import with_context
from pisovereign.chat.statements import VISIBLE
from pisovereign.chat.types import ChatResponse, SpokenCommand, Tokens, ToolRecord, Turn
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
  AND coalesce(m.answers, m.seq) >=
      CASE WHEN %(replaces)s::bigint <= c.window_start THEN 0 ELSE c.window_start END
  AND (%(replaces)s::bigint IS NULL OR coalesce(m.answers, m.seq) < %(replaces)s) AND {visible}
ORDER BY coalesce(m.answers, m.seq), m.seq
""".replace("{visible}", VISIBLE)
_ADD_USER_MESSAGE = """
INSERT INTO messages (id, user_id, conversation_id, role, key_id, content, context, replaces)
VALUES (%(id)s, %(user)s, %(conversation)s, 'user', %(key)s, %(content)s, %(context)s, %(replaces)s)
"""
# The same message once more: an earlier attempt to answer it has failed.
_DROP_UNANSWERED = """
DELETE FROM messages q WHERE q.user_id = %(user)s AND q.id = %(id)s
  AND NOT EXISTS (SELECT FROM messages a WHERE a.user_id = q.user_id
      AND a.conversation_id = q.conversation_id AND coalesce(a.answers, a.seq) = q.seq
      AND a.role = 'assistant')
"""
_QUESTION = """
SELECT conversation_id, key_id, content FROM messages
WHERE user_id = %(user)s AND id = %(id)s AND role = 'user'
"""
# What was to take another message's place and was never answered, and never will be.
_DROP_LEFT = """
DELETE FROM messages m
WHERE m.user_id = %(user)s AND m.conversation_id = %(conversation)s AND m.replaces IS NOT NULL
  AND m.created_at < now() - interval '1 hour' AND NOT {visible}
""".replace("{visible}", VISIBLE)
# Only beside its question: a conversation that was deleted and begun anew is another one.
_ADD_ANSWER = """
INSERT INTO messages (id, user_id, conversation_id, answers, role, key_id, content, model,
                      prompt_tokens, completion_tokens, command, tools, details)
SELECT %(id)s, user_id, conversation_id, seq, 'assistant', %(key)s, %(content)s, %(model)s,
       %(prompt)s, %(completion)s, %(command)s, %(tools)s, %(details)s
FROM messages WHERE user_id = %(user)s AND id = %(question)s
RETURNING created_at
"""
_MOVE_WINDOW = """
UPDATE conversations SET window_start = greatest(window_start, %(seq)s)
WHERE user_id = %(user)s AND id = %(conversation)s
"""
_ANSWER_TO = """
SELECT a.id, a.key_id, a.content, a.conversation_id, a.model, a.created_at, a.command, a.tools,
       a.details
FROM messages q JOIN messages a ON a.user_id = q.user_id
    AND a.conversation_id = q.conversation_id AND coalesce(a.answers, a.seq) = q.seq
    AND a.role = 'assistant'
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


class Question(NamedTuple):
    """A message of a user, and the conversation that it is in."""

    conversation: str
    text: str


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A finished answer to be stored.

    `command` is what commands answered: JSON, a list of `SpokenCommand`; None: a model answered.
    `tools` is what a model with tools did; None: it had none. `details` is what the answer used;
    None: no model answered.
    """

    id: UUID
    question: UUID
    content: str
    model: str
    tokens: Tokens
    command: str | None = None
    tools: ToolRecord | None = None
    details: AnswerDetails | None = None


class ChatStore:
    """All SQL about conversations; the owner is in every statement."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = MessageSealer(sealer)

    async def add_user_message(
        self,
        user: UUID,
        conversation: str,
        message: str,
        context: str | None,
        *,
        identifier: UUID | None = None,
        replaces: int | None = None,
    ) -> tuple[UUID, list[Turn]]:
        """Store the user's turn, creating the conversation when it is new.

        Returns the message's id and the turns before it, oldest first, after the commit: what is
        returned is durable. The id is a new one unless the caller has given it. One that `replaces`
        a turn is not shown before it is answered, and has before it what that turn had.
        """
        identifier = identifier or uuid4()
        key = {"user": user, "conversation": conversation, "replaces": replaces}
        row = key | {
            "id": identifier,
            "key": self._sealer.key_id,
            "content": self._sealer.seal(message, identifier, user, "content"),
            "context": None
            if context is None
            else self._sealer.seal(context, identifier, user, "context"),
        }
        begun = self._database.transaction(user, within_quota=True)
        async with begun as connection, connection.pipeline():
            await connection.execute(_OPEN_CONVERSATION, key)
            await connection.execute(_DROP_LEFT, key)
            await connection.execute(_DROP_UNANSWERED, row)
            history = await connection.execute(_HISTORY, key)
            await connection.execute(_ADD_USER_MESSAGE, row)
            rows = await history.fetchall()
        return identifier, [self._turn(user, row) for row in rows]

    async def history(
        self, user: UUID, conversation: str, replaces: int | None = None
    ) -> list[Turn]:
        """Return the turns that `add_user_message` would return now."""
        key = {"user": user, "conversation": conversation, "replaces": replaces}
        rows = await self._database.fetch(user, _HISTORY, key)
        return [self._turn(user, row) for row in rows]

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
            "content": self._sealer.seal(answer.content, answer.id, user, "content"),
            "model": answer.model,
            # A server that does not count reports 0, which is no number to plan with.
            "prompt": answer.tokens.prompt or None,
            "completion": answer.tokens.completion or None,
            "command": None
            if answer.command is None
            else self._sealer.seal(answer.command, answer.id, user, "command"),
            "tools": self._as_json(answer.tools, answer.id, user, "tools"),
            "details": self._as_json(answer.details, answer.id, user, "details"),
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
        answer = await self.response(user, message)
        return None if answer is None else answer.content

    async def said(self, user: UUID, message: UUID) -> str | None:
        """Return the words of a message of the user; None if there is none."""
        async with self._database.transaction(user) as connection:
            question = await self.question(connection, user, message)
        return None if question is None else question.text

    async def question(self, connection: Connection, user: UUID, message: UUID) -> Question | None:
        """Return a message of the user, in a transaction of theirs; None if there is none."""
        found = await connection.execute(_QUESTION, {"user": user, "id": message})
        row = await found.fetchone()
        if row is None:
            return None
        conversation, key_id, content = row
        return Question(conversation, self._sealer.open(content, key_id, message, user, "content"))

    async def response(self, user: UUID, message: UUID) -> ChatResponse | None:
        """Return the answer to a message as it was given; None if there is none."""
        async with self._database.transaction(user) as connection:
            return await self.answer_in(connection, user, message)

    async def answer_in(
        self, connection: Connection, user: UUID, message: UUID
    ) -> ChatResponse | None:
        """Return the answer to a message, in a transaction of the user; None if there is none."""
        found = await connection.execute(_ANSWER_TO, {"user": user, "id": message})
        row = await found.fetchone()
        if row is None:
            return None
        identifier, key_id, content, conversation, model, created_at, *sealed = row
        command, tools, details = sealed
        commands: list[SpokenCommand] = []
        if command is not None:
            text = self._sealer.open(command, key_id, identifier, user, "command")
            commands = msgspec.json.decode(text, type=list[SpokenCommand])
        used = AnswerDetails(tokens=Tokens(0, 0, 0), finish_reason="stop")
        if details is not None:
            text = self._sealer.open(details, key_id, identifier, user, "details")
            used = msgspec.json.decode(text, type=AnswerDetails)
        record = self._sealer.record(tools, key_id, identifier, user)
        return ChatResponse(
            id=identifier,
            conversation_id=conversation,
            content=self._sealer.open(content, key_id, identifier, user, "content"),
            model=model,
            tokens=used.tokens,
            finish_reason=used.finish_reason,
            memories=used.memories,
            command=commands[0] if commands else UNSET,
            commands=commands if len(commands) > 1 else UNSET,
            degraded=used.degraded,
            claim_withheld=used.claim_withheld,
            tools=record.uses if record is not None and record.uses else UNSET,
            speed=used.speed or UNSET,
            passages=used.passages,
            created_at=created_at,
        )

    def _turn(self, user: UUID, row: TupleRow) -> Turn:
        identifier, seq, role, key_id, content, context, *rest = row
        prompt, completion, model, command, tools = rest
        text = said = self._sealer.open(content, key_id, identifier, user, "content")
        if context is not None:
            text = with_context(
                text, self._sealer.open(context, key_id, identifier, user, "context")
            )
        if command is not None:
            command = self._sealer.open(command, key_id, identifier, user, "command")
        return Turn(
            seq=seq,
            role=role,
            sent=text,
            prompt_tokens=prompt,
            completion_tokens=completion,
            model=model,
            command=command,
            tools=self._sealer.record(tools, key_id, identifier, user),
            said=said,
        )

    def _as_json(
        self, value: msgspec.Struct | None, message: UUID, user: UUID, column: str
    ) -> bytes | None:
        if value is None:
            return None
        return self._sealer.seal(msgspec.json.encode(value).decode(), message, user, column)
