"""The routes of keys for programs, and of passkeys."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.accounts.passkeys import PasskeyService
from pisovereign.accounts.requests import caller_of, place_of
from pisovereign.accounts.sign_in import SignInService
from pisovereign.accounts.stored_keys import StoredKeyService
from pisovereign.accounts.types import (
    CreatedApiKey,
    NewApiKey,
    NewPasskey,
    Passkey,
    PasskeyChallenge,
    StoredApiKey,
)
from pisovereign.asgi.routes import Example, Routes, parse_id, route

_KEY: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "name": "Home Assistant",
    "scopes": ["user"],
    "configured": False,
    "created_at": "2026-02-07T10:30:00.159707Z",
    "expires_at": None,
    "used_at": None,
}
_PASSKEY: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "name": "My phone",
    "host": "pisovereign.local",
    "created_at": "2026-02-07T10:30:00.159707Z",
    "used_at": None,
}


class KeyRoutes(Routes, tag="Keys"):
    """Keys over HTTP; all rules are in the services."""

    def __init__(
        self, keys: StoredKeyService, passkeys: PasskeyService, people: SignInService
    ) -> None:
        self._keys = keys
        self._passkeys = passkeys
        self._people = people

    @route(
        "GET",
        "/v1/api-keys",
        operation_id="listApiKeys",
        summary="Show your keys for programs",
        example=Example(response=[_KEY]),
    )
    async def list_keys(self, req: Request, resp: Response) -> list[StoredApiKey]:
        """Show your keys, without the keys themselves.

        Those of `config.toml` come first; they are `configured`, have no id, and are changed there.
        `used_at` is up to five minutes late.
        """
        return await self._keys.list_of(req.context.user.user_id)

    @route(
        "POST",
        "/v1/api-keys",
        operation_id="createApiKey",
        summary="Make a key for a program",
        status=201,
        errors=(403, 409),
        fields={
            "name": "1 to 60 characters: what it is for",
            "scopes": "some of `user` (the default), `approve` and `admin`",
            "expires_in_days": "1 to 3650; without it, it does not expire",
        },
        example=Example(
            request={"name": "Home Assistant", "scopes": ["user"]},
            response={**_KEY, "key": "sk-Zt0mX2lHq9cV7kS3pR8wYdB1nF6gJ4aT5eU0iO2oQhM"},
        ),
    )
    async def create_key(self, req: Request, resp: Response, body: NewApiKey) -> CreatedApiKey:
        """Make a key that acts as you: 201; `key` is shown this once.

        It may do no more than you: 403. It cannot make keys, codes or passkeys. At most 50.
        """
        caller_of(req).require_person()
        resp.set_header("Cache-Control", "no-store")
        return await self._keys.create(req.context.user, body)

    @route(
        "DELETE",
        "/v1/api-keys/{id}",
        operation_id="revokeApiKey",
        summary="Revoke a key",
        status=204,
    )
    async def revoke_key(self, req: Request, resp: Response, key: str) -> None:
        """Revoke a key at once, with what was begun with it: 204, or 404 if there is none."""
        await self._keys.revoke(req.context.user, parse_id(key, "key"))

    @route(
        "GET",
        "/v1/passkeys",
        summary="Show your passkeys",
        example=Example(response=[_PASSKEY]),
    )
    async def list_passkeys(self, req: Request, resp: Response) -> list[Passkey]:
        """Show your passkeys, each with the name of this device that it works under."""
        return await self._passkeys.list_of(req.context.user.user_id)

    @route(
        "POST",
        "/v1/passkeys/options",
        operation_id="createPasskeyOptions",
        summary="Begin to make a passkey",
        errors=(400, 403, 409),
        example=Example(
            response={
                "id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11",
                "options": {"rp": {"name": "PiSovereign", "id": "pisovereign.local"}},
            }
        ),
    )
    async def passkey_options(self, req: Request, resp: Response) -> PasskeyChallenge:
        """Return what `navigator.credentials.create` takes; it can be answered once, for 5 minutes.

        It needs TLS, or a page that was opened as `localhost`; otherwise that is a 400.
        """
        caller_of(req).require_person()
        place = place_of(req)
        me = await self._people.me(caller_of(req))
        return await self._passkeys.creation_options(me.user_id, me.name, place)

    @route(
        "POST",
        "/v1/passkeys",
        summary="Store a new passkey",
        status=201,
        errors=(403, 409),
        fields={
            "id": "that of the options",
            "credential": "what `navigator.credentials.create` gave, by its `toJSON`",
            "name": "1 to 60 characters to recognize it by",
        },
        example=Example(
            request={
                "id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11",
                "credential": {},
                "name": "My phone",
            },
            response=_PASSKEY,
        ),
    )
    async def create_passkey(self, req: Request, resp: Response, body: NewPasskey) -> Passkey:
        """Store what the authenticator made: 201. It signs you in with what you may do now."""
        caller = caller_of(req)
        caller.require_person()
        scopes = await self._people.granted(caller)
        return await self._passkeys.add(caller.identity, scopes, body, place_of(req))

    @route(
        "DELETE",
        "/v1/passkeys/{id}",
        summary="Remove a passkey",
        status=204,
    )
    async def remove_passkey(self, req: Request, resp: Response, passkey: str) -> None:
        """Remove a passkey: 204, or 404; sessions that it began stay until they are ended."""
        await self._passkeys.remove(req.context.user, parse_id(passkey, "passkey"))
