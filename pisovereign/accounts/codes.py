"""Codes that sign somebody in once: on another device of theirs, or by an invitation."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid4

from pisovereign.accounts.secrets import DEVICE_CODE_LENGTH, INVITATION_LENGTH, SecretHash, new_code
from pisovereign.config import Scope
from pisovereign.storage.pool import Connection, Database

Purpose = Literal["device", "invitation"]
DEVICE_CODE_LIFE = dt.timedelta(minutes=5)
INVITATION_LIFE = dt.timedelta(days=7)
# A person has one code of each purpose at a time, so that codes cannot be piled up to be guessed.
_REPLACE = "DELETE FROM sign_in_codes WHERE user_id = %(user)s AND purpose = %(purpose)s"
_ADD = """
INSERT INTO sign_in_codes (user_id, id, secret, purpose, scopes, configured_key, expires_at)
VALUES (%(user)s, %(id)s, %(secret)s, %(purpose)s, %(scopes)s, %(configured_key)s,
        now() + %(life)s::interval)
RETURNING expires_at
"""
_SHOW = "SELECT set_config('pisovereign.secret', %s, true)"
_FIND = "SELECT user_id FROM sign_in_codes WHERE secret = %(secret)s"
_USE = """
DELETE FROM sign_in_codes WHERE user_id = %(user)s AND secret = %(secret)s
RETURNING purpose, scopes, configured_key, expires_at > now()
"""


class Code(NamedTuple):
    """A new code, and when it ends."""

    code: str
    expires_at: dt.datetime


class UsedCode(NamedTuple):
    """The person whom a code signs in, and the most that the session may do."""

    user: UUID
    purpose: Purpose
    scopes: frozenset[Scope]
    configured_key: bytes | None


class CodeStore:
    """Makes codes, and takes them once."""

    def __init__(self, database: Database, hashes: SecretHash) -> None:
        self._database = database
        self._hashes = hashes

    async def add(
        self,
        connection: Connection,
        user: UUID,
        purpose: Purpose,
        scopes: frozenset[Scope],
        *,
        configured_key: bytes | None = None,
        life: dt.timedelta,
    ) -> Code:
        """Make a code; the one of the same purpose that there was is no longer valid.

        Args:
            connection: A transaction of `user`.
            user: Whom it signs in.
            purpose: What for.
            scopes: What the session may do.
            configured_key: The key of the configuration that the session ends with.
            life: How long it can be used.
        """
        short = purpose == "device"
        code = new_code(DEVICE_CODE_LENGTH if short else INVITATION_LENGTH)
        values: dict[str, Any] = {
            "user": user,
            "id": uuid4(),
            "secret": self._hashes.of_code(code),
            "purpose": purpose,
            "scopes": sorted(scopes),
            "configured_key": configured_key,
            "life": life,
        }
        await connection.execute(_REPLACE, values)
        row = await (await connection.execute(_ADD, values)).fetchone()
        assert row is not None
        return Code(code, row[0])

    async def use(self, typed: str) -> UsedCode | None:
        """Use a code up; None: there is none like that, or not any more."""
        secret = self._hashes.of_code(typed)
        async with self._database.system() as connection:
            await connection.execute(_SHOW, (secret.hex(),))
            row = await (await connection.execute(_FIND, {"secret": secret})).fetchone()
        if row is None:
            return None
        user: UUID = row[0]
        # Of two who use it at once, one finds nothing to delete.
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_USE, {"user": user, "secret": secret})
            used = await cursor.fetchone()
        if used is None or not used[3]:
            return None
        key = None if used[2] is None else bytes(used[2])
        return UsedCode(user, used[0], frozenset(used[1]), key)
