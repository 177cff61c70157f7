"""The caller of a request: a key of the configuration, a stored key, or the token of a session.

What a stored key or a session may do is never more than what its person may do now, and nothing
when the person was disabled, or the key that it was made with is gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.accounts.changes import AccountChanges
from pisovereign.accounts.grants import Grants
from pisovereign.accounts.secrets import SecretHash
from pisovereign.api_keys import Identity, KeyRing
from pisovereign.cache.store import Region
from pisovereign.errors import Forbidden
from pisovereign.storage.pool import Database

# Writing down each use would wear out a memory card.
NOTE_USE_S = 300
RENEW_S = 24 * 3600
_SHOW = "SELECT set_config('pisovereign.secret', %s, true)"
_SESSION = """
SELECT s.user_id, s.id, s.scopes, s.device, s.configured_key, s.api_key, p.role, p.state,
       extract(epoch FROM now() - s.used_at)::float8,
       extract(epoch FROM now() - s.renewed_at)::float8
FROM sessions s LEFT JOIN people p ON p.id = s.user_id
WHERE s.secret = %(secret)s AND s.expires_at > now() AND s.used_at > now() - %(idle)s::interval
"""
_API_KEY = """
SELECT k.user_id, k.id, k.scopes, k.name, NULL, k.id, p.role, p.state,
       coalesce(extract(epoch FROM now() - k.used_at)::float8, 1e9), 0::float8
FROM api_keys k LEFT JOIN people p ON p.id = k.user_id
WHERE k.secret = %(secret)s AND coalesce(k.expires_at > now(), true)
"""
_NOTE_SESSION = """
UPDATE sessions SET used_at = now(), network = coalesce(%(network)s, network),
    renewed_at = CASE WHEN %(renew)s THEN now() ELSE renewed_at END
WHERE user_id = %(user)s AND id = %(id)s
"""
_NOTE_KEY = "UPDATE api_keys SET used_at = now() WHERE user_id = %(user)s AND id = %(id)s"


class Caller(msgspec.Struct, frozen=True):
    """The caller of a request, and the credential that it came with.

    Attributes:
        identity: The person, and what may be done.
        session: The session, if it is one.
        api_key: The stored key that this is, or that the session was made with.
        configured_key: The same of a key of the configuration: its fingerprint.
        secret: The hash that the session or stored key is found by.
        renew: The browser's cookie is to be handed out anew.
    """

    identity: Identity
    session: UUID | None = None
    api_key: UUID | None = None
    configured_key: bytes | None = None
    secret: bytes = b""
    renew: bool = False

    def require_person(self) -> None:
        """Refuse a program: what it could hand on would outlive its key.

        Raises:
            Forbidden: It has a stored key, or a session that was made with one.
        """
        if self.api_key is not None:
            raise Forbidden("A program's key cannot do this; sign in as a person")


class Callers:
    """Finds who calls.

    Args:
        keys: The keys of the configuration, which win.
        database: Where sessions and stored keys are.
        hashes: What is stored of secrets.
        known: Callers that were found a moment ago.
        changes: Tells when they have to be looked up again.
        idle: How long a session may be unused.
    """

    def __init__(
        self,
        keys: KeyRing,
        database: Database,
        hashes: SecretHash,
        *,
        known: Region[Caller],
        changes: AccountChanges,
        idle: dt.timedelta,
    ) -> None:
        self._keys = keys
        self._grants = Grants(keys)
        self._database = database
        self._hashes = hashes
        self._known = known
        self._changes = changes
        self.idle = idle

    async def of_key(self, key: str) -> Caller | None:
        """Return who has a key; None: it is not known, or not valid any more."""
        if found := self._keys.recognize(key):
            return Caller(found[0], configured_key=found[1])
        return await self._cached(_API_KEY, self._hashes.of(key), None)

    async def of_session(self, token: str, network: str | None = None) -> Caller | None:
        """Return whose session has a token; None: there is none, or it is over.

        Args:
            token: What the cookie holds.
            network: From where it is used, for the list of sessions.
        """
        return await self._cached(_SESSION, self._hashes.of(token), network)

    async def again(self, caller: Caller) -> Caller | None:
        """Look a caller up anew, past what is cached; one of the configuration stays as it is."""
        if not caller.secret:
            return caller
        query = _SESSION if caller.session else _API_KEY
        row = await self._row(query, caller.secret)
        return None if row is None else self._caller(query, caller.secret, row)

    async def _cached(self, query: str, secret: bytes, network: str | None) -> Caller | None:
        # Whatever is found under an earlier state of all accounts is never looked at again.
        place = self._changes.state + secret
        if known := self._known.get(None, place):
            return known
        row = await self._row(query, secret)
        caller = None if row is None else self._caller(query, secret, row)
        if caller is None or row is None:
            return None
        self._known.put(None, place, msgspec.structs.replace(caller, renew=False))
        if row[8] > NOTE_USE_S or caller.renew:
            await self._note_use(caller, network)
        return caller

    async def _row(self, query: str, secret: bytes) -> tuple[Any, ...] | None:
        async with self._database.system() as connection:
            await connection.execute(_SHOW, (secret.hex(),))
            values = {"secret": secret, "idle": self.idle}
            return await (await connection.execute(query.encode(), values)).fetchone()

    def _caller(self, query: str, secret: bytes, row: tuple[Any, ...]) -> Caller | None:
        user, identifier, scopes, name, configured_key, api_key, role, state = row[:8]
        granted = self._grants.granted(
            user,
            scopes,
            role=role,
            state=state,
            configured_key=None if configured_key is None else bytes(configured_key),
        )
        if not granted:
            return None
        is_session = query is _SESSION
        return Caller(
            Identity(user, granted, name or "session"),
            identifier if is_session else None,
            api_key,
            None if configured_key is None else bytes(configured_key),
            secret,
            renew=is_session and row[9] > RENEW_S,
        )

    async def _note_use(self, caller: Caller, network: str | None) -> None:
        user = caller.identity.user_id
        values: Mapping[str, Any] = {
            "user": user,
            "id": caller.session or caller.api_key,
            "network": network,
            "renew": caller.renew,
        }
        query = _NOTE_SESSION if caller.session else _NOTE_KEY
        async with self._database.transaction(user) as connection:
            await connection.execute(query.encode(), values)
