"""Sessions of browsers: begun by a key, a code or a passkey; listed, and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from pisovereign.accounts.callers import Caller
from pisovereign.accounts.changes import AccountChanges
from pisovereign.accounts.codes import Purpose
from pisovereign.accounts.secrets import SecretHash, new_token
from pisovereign.accounts.types import MadeWith, Session
from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.config import Scope
from pisovereign.errors import NotFound
from pisovereign.storage.pool import Connection, Database

MOST_SESSIONS = 100
_BEGIN = """
INSERT INTO sessions (user_id, id, secret, made_with, scopes, configured_key, api_key, device,
                      network, expires_at)
VALUES (%(user)s, %(id)s, %(secret)s, %(made_with)s, %(scopes)s, %(configured_key)s, %(api_key)s,
        %(device)s, %(network)s, least(now() + %(longest)s::interval, (
            SELECT expires_at FROM api_keys WHERE user_id = %(user)s AND id = %(api_key)s)))
"""
# Those that are over, and beyond the most those that were used least recently.
_DROP_OLD = """
DELETE FROM sessions WHERE user_id = %(user)s AND (
    expires_at <= now() OR used_at <= now() - %(idle)s::interval OR id IN (
        SELECT id FROM sessions WHERE user_id = %(user)s ORDER BY used_at DESC OFFSET %(most)s))
"""
_LIST = """
SELECT id, device, network, made_with, created_at, used_at, expires_at FROM sessions
WHERE user_id = %(user)s AND expires_at > now() AND used_at > now() - %(idle)s::interval
ORDER BY used_at DESC, id
"""
_END = "DELETE FROM sessions WHERE user_id = %(user)s AND id = %(id)s RETURNING device"
_END_EARLIER = """
DELETE FROM sessions WHERE user_id = %(user)s AND secret = %(secret)s
"""
_END_OTHERS = """
DELETE FROM sessions WHERE user_id = %(user)s AND id IS DISTINCT FROM %(but)s
"""
# A code that the ended session has just shown would let its browser in again.
_DROP_CODES = """
DELETE FROM sign_in_codes WHERE user_id = %(user)s AND purpose = ANY(%(purposes)s)
"""


class Rights(NamedTuple):
    """The rights that a session is begun with.

    Attributes:
        user: Whose it is.
        name: What the audit log calls them.
        granted: What it may do at most, if its person may.
        made_with: How they showed who they are.
        configured_key: The key of the configuration that it ends with, if any: its fingerprint.
        api_key: The same of a stored key.
    """

    user: UUID
    name: str
    granted: frozenset[Scope]
    made_with: MadeWith
    configured_key: bytes | None = None
    api_key: UUID | None = None


class Browser(NamedTuple):
    """Where a session is: what the list shows of it."""

    device: str
    network: str


class SessionService:
    """The rules.

    Args:
        database: Where sessions are.
        hashes: What is stored of tokens.
        audit: Where it is written down.
        changes: Lets everybody know.
        idle: How long a session may be unused.
        longest: How long it lasts at most.
    """

    def __init__(
        self,
        database: Database,
        hashes: SecretHash,
        audit: AuditLog,
        changes: AccountChanges,
        *,
        idle: dt.timedelta,
        longest: dt.timedelta,
    ) -> None:
        self._database = database
        self._hashes = hashes
        self._audit = audit
        self._changes = changes
        self.idle = idle
        self.longest = longest

    async def begin(
        self, identity: Identity, rights: Rights, browser: Browser, before: str | None
    ) -> str:
        """Begin a session, and return its token, which nobody had before.

        Args:
            identity: Whose it is, and what they may do now.
            rights: How they showed it, and what follows from that.
            browser: Where it is.
            before: The token that the browser had; its session ends, if it is the same person's.
        """
        user, token, identifier = rights.user, new_token(), uuid4()
        values: dict[str, Any] = {
            "user": user,
            "id": identifier,
            "secret": self._hashes.of(token),
            "made_with": rights.made_with,
            "scopes": sorted(rights.granted),
            "configured_key": rights.configured_key,
            "api_key": rights.api_key,
            "longest": self.longest,
            "idle": self.idle,
            "most": MOST_SESSIONS - 1,
            **browser._asdict(),
        }
        async with self._database.transaction(user) as connection:
            if before is not None:
                ended = {"user": user, "secret": self._hashes.of(before)}
                await connection.execute(_END_EARLIER, ended)
            await connection.execute(_DROP_OLD, values)
            await connection.execute(_BEGIN, values)
            await self._changes.tell(connection)
            await self._note(connection, identity, "signed_in", identifier, browser.device)
        return token

    async def list_of(self, caller: Caller) -> list[Session]:
        """Return the sessions of a person, the one used last first."""
        user = caller.identity.user_id
        async with self._database.transaction(user) as connection:
            rows = await (
                await connection.execute(_LIST, {"user": user, "idle": self.idle})
            ).fetchall()
        return [
            Session(
                id=identifier,
                device=device,
                network=network,
                made_with=made_with,
                current=identifier == caller.session,
                created_at=created,
                used_at=used,
                expires_at=min(expires, used + self.idle),
            )
            for identifier, device, network, made_with, created, used, expires in rows
        ]

    async def end(self, identity: Identity, session: UUID) -> None:
        """End a session.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        user = identity.user_id
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_END, {"user": user, "id": session})
            row = await cursor.fetchone()
            if row is None:
                raise NotFound("No such session")
            await self._drop_codes(connection, user, "device")
            await self._changes.tell(connection)
            await self._note(connection, identity, "signed_out", session, row[0])

    async def end_others(self, caller: Caller) -> None:
        """End all sessions of a person but the one that they use now."""
        user = caller.identity.user_id
        async with self._database.transaction(user) as connection:
            await connection.execute(_END_OTHERS, {"user": user, "but": caller.session})
            await self._drop_codes(connection, user, "device")
            await self._changes.tell(connection)
            await self._note(connection, caller.identity, "signed_out", user, "all other devices")

    async def end_all(self, connection: Connection, user: UUID) -> None:
        """End all sessions of a person, and all their codes, in a transaction of theirs."""
        await connection.execute(_END_OTHERS, {"user": user, "but": None})
        await self._drop_codes(connection, user, "device", "invitation")
        await self._changes.tell(connection)

    async def _drop_codes(self, connection: Connection, user: UUID, *purposes: Purpose) -> None:
        await connection.execute(_DROP_CODES, {"user": user, "purposes": list(purposes)})

    async def _note(
        self, connection: Connection, identity: Identity, event: Any, subject: UUID, what: str
    ) -> None:
        await self._audit.add(
            connection,
            identity.user_id,
            event,
            by=identity,
            kind="session",
            subject=str(subject),
            what=what,
        )
