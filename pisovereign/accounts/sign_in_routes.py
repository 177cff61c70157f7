"""The routes of signing in and out."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.accounts.cookies import read_token, take_token_back, write_token
from pisovereign.accounts.links import SignInLinks
from pisovereign.accounts.passkeys import PasskeyService
from pisovereign.accounts.requests import browser_of, caller_of, place_of
from pisovereign.accounts.sessions import SessionService
from pisovereign.accounts.sign_in import SignInService
from pisovereign.accounts.types import (
    Me,
    PasskeyChallenge,
    PasskeySignIn,
    Profile,
    ProfilePatch,
    Session,
    SignedIn,
    SignIn,
    SignInCode,
    StorageUse,
)
from pisovereign.asgi.routes import Example, Routes, parse_id, route

_ME: dict[str, Any] = {
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "name": "Anna",
    "role": "owner",
    "scopes": ["admin", "approve", "user"],
    "configured": True,
    "session": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "theme": "system",
}
_PROFILE = {name: _ME[name] for name in ("name", "language", "time_zone", "theme", "configured")}
_SESSION: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "device": "Firefox, Android",
    "network": "192.168.1.0/24",
    "made_with": "code",
    "current": True,
    "created_at": "2026-02-07T10:30:00.159707Z",
    "used_at": "2026-02-07T10:30:00.159707Z",
    "expires_at": "2026-05-08T10:30:00.159707Z",
}
CODE: dict[str, Any] = {
    "code": "K7QM-2XRD",
    "link": "http://pisovereign.local/sign-in#K7QM-2XRD",
    "qr": "data:image/svg+xml;charset=utf-8,%3Csvg...",
    "reach": "network",
    "expires_at": "2026-02-07T10:35:00.159707Z",
}


class SignInRoutes(Routes, tag="Signing in"):
    """Signing in over HTTP; all rules are in the services."""

    def __init__(
        self,
        service: SignInService,
        sessions: SessionService,
        passkeys: PasskeyService,
        links: SignInLinks,
    ) -> None:
        self._service = service
        self._sessions = sessions
        self._passkeys = passkeys
        self._links = links

    @route(
        "POST",
        "/v1/sign-in",
        summary="Sign in with a key or a code",
        public=True,
        attempts=True,
        status=201,
        errors=(401, 403),
        fields={
            "language": "what the browser prefers, such as `de-AT`",
            "time_zone": "where the browser is, such as `Europe/Vienna`",
            "key": "an API key; not together with `code`",
            "code": "a one-time code, with or without hyphens, in any case",
        },
        example=Example(
            request={"code": "K7QM-2XRD", "language": "de-AT", "time_zone": "Europe/Vienna"},
            response={**_ME, "joined": False},
        ),
    )
    async def sign_in(self, req: Request, resp: Response, body: SignIn) -> SignedIn:
        """Begin a [session](sign-in.md) of this browser: 201, and a cookie that no script can read.

        The key or code is not kept. A code works once. Language and time zone are taken if this
        person has chosen none. `joined` is true when an invited person is here for the first time.
        Whatever is wrong with a key or code, the answer is the same 401; after
        `security.sign_in_attempts` of them in a minute an address has to wait.
        """
        token, signed_in = await self._service.sign_in(body, browser_of(req), read_token(req))
        self._hand_out(req, resp, token)
        return signed_in

    @route(
        "POST",
        "/v1/sign-in/passkey-options",
        operation_id="signInWithPasskeyOptions",
        summary="Begin to sign in with a passkey",
        public=True,
        errors=(400,),
        example=Example(
            response={
                "id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11",
                "options": {
                    "challenge": "b3Nb...",
                    "timeout": 60000,
                    "rpId": "localhost",
                    "allowCredentials": [],
                    "userVerification": "required",
                },
            }
        ),
    )
    async def passkey_options(self, req: Request, resp: Response) -> PasskeyChallenge:
        """Return what `navigator.credentials.get` takes; it can be answered once, for 5 minutes.

        It needs TLS, or a page that was opened as `localhost`; otherwise that is a 400.
        """
        return await self._passkeys.sign_in_options(place_of(req))

    @route(
        "POST",
        "/v1/sign-in/passkey",
        summary="Sign in with a passkey",
        public=True,
        attempts=True,
        status=201,
        errors=(401, 403),
        fields={
            "language": "as in `/v1/sign-in`",
            "time_zone": "as in `/v1/sign-in`",
            "id": "that of the options",
            "credential": "what `navigator.credentials.get` gave, by its `toJSON`",
        },
        example=Example(
            request={"id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11", "credential": {}},
            response={**_ME, "joined": False},
        ),
    )
    async def sign_in_with_passkey(
        self, req: Request, resp: Response, body: PasskeySignIn
    ) -> SignedIn:
        """Begin a session, as `/v1/sign-in` does."""
        rights = await self._passkeys.recognize(body, place_of(req))
        token, signed_in = await self._service.begin(rights, browser_of(req), read_token(req), body)
        self._hand_out(req, resp, token)
        return signed_in

    @route(
        "GET",
        "/v1/session",
        summary="Who is signed in",
        example=Example(response=_ME),
    )
    async def who_am_i(self, req: Request, resp: Response) -> Me:
        """Show who calls, with a session or a key, and what they may do."""
        return await self._service.me(caller_of(req))

    @route(
        "DELETE",
        "/v1/session",
        summary="Sign out",
        status=204,
    )
    async def sign_out(self, req: Request, resp: Response) -> None:
        """End the session of this browser: 204; a key has none, and nothing happens."""
        caller = caller_of(req)
        if caller.session is not None:
            await self._sessions.end(caller.identity, caller.session)
            take_token_back(req, resp)

    @route(
        "GET",
        "/v1/sessions",
        summary="Show where you are signed in",
        example=Example(response=[_SESSION]),
    )
    async def list_sessions(self, req: Request, resp: Response) -> list[Session]:
        """Show your sessions, the one used last first, at most 100.

        `network` is only roughly where it was used; `used_at` is up to five minutes late.
        """
        return await self._sessions.list_of(caller_of(req))

    @route(
        "DELETE",
        "/v1/sessions/{id}",
        summary="Sign a device out",
        status=204,
    )
    async def end_session(self, req: Request, resp: Response, session: str) -> None:
        """End a session at once, and the streams that it reads: 204, or 404 if there is none."""
        await self._sessions.end(req.context.user, parse_id(session, "session"))

    @route(
        "DELETE",
        "/v1/sessions",
        operation_id="endOtherSessions",
        summary="Sign all other devices out",
        status=204,
    )
    async def end_others(self, req: Request, resp: Response) -> None:
        """End all your sessions but the one that asks for it: 204."""
        await self._sessions.end_others(caller_of(req))

    @route(
        "POST",
        "/v1/sign-in-codes",
        operation_id="createSignInCode",
        summary="Show a code for another device",
        status=201,
        errors=(403,),
        example=Example(response=CODE),
    )
    async def create_code(self, req: Request, resp: Response) -> SignInCode:
        """Make a code that signs you in on another device, once, within five minutes.

        `link` opens the page there; `qr` is that link as an image. An earlier code is no longer
        valid. The session may do what this one may. `reach` is `this_device` where the link works
        on this device only. A program's key cannot do this: 403.
        """
        return self._links.link(req, await self._service.device_code(caller_of(req)))

    @route(
        "GET",
        "/v1/profile",
        summary="Show your settings",
        example=Example(response=_PROFILE),
    )
    async def get_profile(self, req: Request, resp: Response) -> Profile:
        """Show what you chose; an empty language or time zone is that of the program."""
        return await self._service.profile(caller_of(req))

    @route(
        "GET",
        "/v1/profile/storage",
        summary="Show how much you keep here",
        example=Example(response={"used_bytes": 1_482_113, "limit_bytes": 536_870_912}),
    )
    async def get_storage_use(self, req: Request, resp: Response) -> StorageUse:
        """Show what your conversations, memories, reminders, lists and tasks take, in bytes.

        Files of [documents](documents.md) are not in it; they have a limit of their own.
        `limit_bytes` is `database.user_quota_bytes`; 0: there is none. What would be more is
        refused with 507, and what deletes something never is.
        """
        return await self._service.storage(caller_of(req))

    @route(
        "PATCH",
        "/v1/profile",
        summary="Change your settings",
        errors=(409,),
        fields={
            "name": "1 to 60 characters; not for those of `config.toml`: 409",
            "language": "a code such as `en`",
            "time_zone": "a name such as `Europe/Berlin`; empty: that of the program",
            "theme": "`system`, `light` or `dark`",
        },
        example=Example(
            request={"language": "de", "time_zone": "Europe/Berlin"}, response=_PROFILE
        ),
    )
    async def change_profile(self, req: Request, resp: Response, body: ProfilePatch) -> Profile:
        """Change the fields that are given; the others stay."""
        return await self._service.change_profile(caller_of(req), body)

    def _hand_out(self, req: Request, resp: Response, token: str) -> None:
        write_token(req, resp, token, int(self._sessions.idle.total_seconds()))
        resp.set_header("Cache-Control", "no-store")
