"""Passkeys: signing in with what a phone or computer keeps, where there is TLS or localhost.

The protocol is that of the package webauthn. A challenge is stored, and deleted when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import msgspec

from pisovereign.accounts.sessions import Rights
from pisovereign.accounts.sign_in import REFUSED
from pisovereign.accounts.types import NewPasskey, Passkey, PasskeyChallenge, PasskeySignIn
from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.config import Scope
from pisovereign.errors import BadRequest, Conflict, NotFound, Unauthorized
from pisovereign.storage.pool import Database

if TYPE_CHECKING:
    from webauthn.helpers import structs

MOST_PASSKEYS = 20
MOST_CHALLENGES = 1000
_DROP_OLD = """
DELETE FROM passkey_challenges WHERE expires_at <= now() OR id IN (
    SELECT id FROM passkey_challenges ORDER BY expires_at DESC OFFSET %(most)s)
"""
_ADD_CHALLENGE = """
INSERT INTO passkey_challenges (id, challenge, host, person, expires_at)
VALUES (%(id)s, %(challenge)s, %(host)s, %(person)s, now() + interval '5 minutes')
"""
_USE_CHALLENGE = """
DELETE FROM passkey_challenges WHERE id = %(id)s
RETURNING challenge, host, person, expires_at > now()
"""
_SHOW = "SELECT set_config('pisovereign.secret', %s, true)"
_FIND = """
SELECT user_id, public_key, sign_count, scopes, name FROM passkeys WHERE secret = %(secret)s
"""
_NOTE_USE = """
UPDATE passkeys SET used_at = now(), sign_count = %(count)s
WHERE user_id = %(user)s AND secret = %(secret)s
"""
_LIST = """
SELECT id, name, host, created_at, used_at, secret FROM passkeys
WHERE user_id = %(user)s ORDER BY created_at, id
"""
_ADD = """
INSERT INTO passkeys (user_id, id, secret, public_key, sign_count, host, name, scopes)
VALUES (%(user)s, %(id)s, %(secret)s, %(public_key)s, %(count)s, %(host)s, %(name)s, %(scopes)s)
ON CONFLICT DO NOTHING RETURNING created_at
"""
_DELETE = "DELETE FROM passkeys WHERE user_id = %(user)s AND id = %(id)s RETURNING name"


class Place(NamedTuple):
    """Where a browser is: the host it asked for without the port, and the page's origin."""

    host: str
    origin: str


class PasskeyService:
    """The rules.

    Args:
        database: Where passkeys and challenges are.
        audit: Where it is written down.
    """

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def list_of(self, user: UUID) -> list[Passkey]:
        """Return the passkeys of a person, the oldest first."""
        return [
            Passkey(id=row[0], name=row[1], host=row[2], created_at=row[3], used_at=row[4])
            for row in await self._rows(user)
        ]

    async def creation_options(self, user: UUID, name: str, place: Place) -> PasskeyChallenge:
        """Return what an authenticator is asked to make a passkey with.

        Raises:
            Conflict: There are too many.
        """
        import webauthn  # noqa: PLC0415 - it takes a quarter of a second, and few need it
        from webauthn.helpers import structs  # noqa: PLC0415

        rows = await self._rows(user)
        if len(rows) >= MOST_PASSKEYS:
            raise Conflict(f"There are {MOST_PASSKEYS} passkeys already; remove one first")
        options = webauthn.generate_registration_options(
            rp_id=place.host,
            rp_name="PiSovereign",
            user_id=user.bytes,
            user_name=name,
            user_display_name=name,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=bytes(row[5]))
                for row in rows
                if row[2] == place.host
            ],
        )
        identifier = await self._store(options.challenge, place.host, user)
        return PasskeyChallenge(id=identifier, options=_json(options))

    async def add(
        self, by: Identity, scopes: frozenset[Scope], new: NewPasskey, place: Place
    ) -> Passkey:
        """Store the passkey that an authenticator made.

        Raises:
            BadRequest: The answer is not one to this challenge.
            Conflict: It is known already.
        """
        import webauthn  # noqa: PLC0415
        from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

        user = by.user_id
        challenge = await self._use(new.id, place.host, user)
        if challenge is None:
            raise BadRequest("This challenge is not valid any more; begin again")
        try:
            made = webauthn.verify_registration_response(
                credential=new.credential,
                expected_challenge=challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise BadRequest("The authenticator's answer is not right") from None
        values: dict[str, Any] = {
            "user": user,
            "id": uuid4(),
            "secret": made.credential_id,
            "public_key": made.credential_public_key,
            "count": made.sign_count,
            "host": place.host,
            "name": new.name.strip(),
            "scopes": sorted(scopes),
        }
        async with self._database.transaction(user) as connection:
            row = await (await connection.execute(_ADD, values)).fetchone()
            if row is None:
                raise Conflict("This passkey is known already")
            await self._audit.add(
                connection,
                user,
                "created",
                by=by,
                kind="passkey",
                subject=str(values["id"]),
                what=values["name"],
            )
        return Passkey(id=values["id"], name=values["name"], host=place.host, created_at=row[0])

    async def remove(self, by: Identity, passkey: UUID) -> None:
        """Forget a passkey.

        Raises:
            NotFound: Unknown, or somebody else's.
        """
        user = by.user_id
        async with self._database.transaction(user) as connection:
            cursor = await connection.execute(_DELETE, {"user": user, "id": passkey})
            row = await cursor.fetchone()
            if row is None:
                raise NotFound("No such passkey")
            await self._audit.add(
                connection,
                user,
                "removed",
                by=by,
                kind="passkey",
                subject=str(passkey),
                what=row[0],
            )

    async def sign_in_options(self, place: Place) -> PasskeyChallenge:
        """Return what an authenticator is asked to sign somebody in with."""
        import webauthn  # noqa: PLC0415
        from webauthn.helpers import structs  # noqa: PLC0415

        options = webauthn.generate_authentication_options(
            rp_id=place.host, user_verification=structs.UserVerificationRequirement.REQUIRED
        )
        identifier = await self._store(options.challenge, place.host, None)
        return PasskeyChallenge(id=identifier, options=_json(options))

    async def recognize(self, asked: PasskeySignIn, place: Place) -> Rights:
        """Return whose passkey answered, and what a session of theirs may do at most.

        Raises:
            Unauthorized: It is not known, or the answer is not right.
        """
        import webauthn  # noqa: PLC0415
        from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415
        from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

        challenge = await self._use(asked.id, place.host, None)
        try:
            secret = base64url_to_bytes(str(asked.credential.get("id", "")))
        except ValueError:
            raise Unauthorized(REFUSED) from None
        async with self._database.system() as connection:
            await connection.execute(_SHOW, (secret.hex(),))
            row = await (await connection.execute(_FIND, {"secret": secret})).fetchone()
        if challenge is None or row is None:
            raise Unauthorized(REFUSED)
        user, public_key, count, scopes, name = row
        try:
            shown = webauthn.verify_authentication_response(
                credential=asked.credential,
                expected_challenge=challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=bytes(public_key),
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise Unauthorized(REFUSED) from None
        async with self._database.transaction(user) as connection:
            values = {"user": user, "secret": secret, "count": shown.new_sign_count}
            await connection.execute(_NOTE_USE, values)
        return Rights(user, name, frozenset(scopes), "passkey")

    async def _rows(self, user: UUID) -> list[tuple[Any, ...]]:
        async with self._database.transaction(user) as connection:
            return await (await connection.execute(_LIST, {"user": user})).fetchall()

    async def _store(self, challenge: bytes, host: str, person: UUID | None) -> UUID:
        values = {"id": uuid4(), "challenge": challenge, "host": host, "person": person}
        async with self._database.system() as connection:
            await connection.execute(_DROP_OLD, {"most": MOST_CHALLENGES - 1})
            await connection.execute(_ADD_CHALLENGE, values)
        identifier: UUID = values["id"]  # type: ignore[assignment]
        return identifier

    async def _use(self, identifier: UUID, host: str, person: UUID | None) -> bytes | None:
        """Return a challenge that was made for this, once; None: it was not, or is over."""
        async with self._database.system() as connection:
            cursor = await connection.execute(_USE_CHALLENGE, {"id": identifier})
            row = await cursor.fetchone()
        if row is None or row[1] != host or row[2] != person or not row[3]:
            return None
        return bytes(row[0])


def _json(
    options: structs.PublicKeyCredentialCreationOptions | structs.PublicKeyCredentialRequestOptions,
) -> dict[str, Any]:
    import webauthn  # noqa: PLC0415

    plain: dict[str, Any] = msgspec.json.decode(webauthn.options_to_json(options))
    return plain
