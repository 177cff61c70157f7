"""Signing in, and who is signed in."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET, structs

from pisovereign.accounts.callers import Caller, Callers
from pisovereign.accounts.codes import DEVICE_CODE_LIFE, Code, CodeStore, UsedCode
from pisovereign.accounts.people import PeopleService, role_of
from pisovereign.accounts.profiles import Profiles
from pisovereign.accounts.sessions import Browser, Rights, SessionService
from pisovereign.accounts.types import (
    FromBrowser,
    Me,
    Profile,
    ProfilePatch,
    SignedIn,
    SignIn,
    StorageUse,
)
from pisovereign.api_keys import ALL_SCOPES, Identity
from pisovereign.config import Scope
from pisovereign.errors import BadRequest, NotFound, Unauthorized
from pisovereign.storage.pool import Database

# One text for whatever is wrong: it tells nothing about what would be right.
REFUSED = "This key or code does not sign anybody in, or not any more"


class SignInService:
    """The rules: whoever shows a key, a code or a passkey gets a session that may do no more."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        sessions: SessionService,
        *,
        codes: CodeStore,
        people: PeopleService,
        profiles: Profiles,
    ) -> None:
        self._database = database
        self._callers = callers
        self._sessions = sessions
        self._codes = codes
        self._people = people
        self._profiles = profiles

    async def sign_in(
        self, asked: SignIn, browser: Browser, before: str | None
    ) -> tuple[str, SignedIn]:
        """Begin a session, and return its token and whose it is.

        Args:
            asked: The key or the code.
            browser: Where the session is.
            before: The token that the browser had.

        Raises:
            BadRequest: Both are given, or none.
            Unauthorized: What is given signs nobody in.
        """
        if (asked.key is UNSET) == (asked.code is UNSET):
            raise BadRequest("Give a key or a code, and not both")
        joined = False
        if asked.key is not UNSET:
            rights = await self._by_key(asked.key)
        else:
            assert asked.code is not UNSET
            used = await self._codes.use(asked.code)
            if used is None:
                raise Unauthorized(REFUSED)
            rights, joined = await self._by_code(used)
        return await self.begin(rights, browser, before, asked, joined=joined)

    async def begin(
        self,
        rights: Rights,
        browser: Browser,
        before: str | None,
        knows: FromBrowser,
        *,
        joined: bool = False,
    ) -> tuple[str, SignedIn]:
        """Begin a session of somebody who showed who they are; as `sign_in`.

        Raises:
            Unauthorized: They may not do anything any more.
        """
        user = rights.user
        allowed = rights.granted & await self._people.scopes(user)
        if not allowed:
            raise Unauthorized(REFUSED)
        identity = Identity(user, allowed, rights.name)
        token = await self._sessions.begin(identity, rights, browser, before)
        await self._profiles.fill(user, knows)
        caller = await self._callers.of_session(token)
        if caller is None:  # the key was revoked, or the person disabled, in this moment
            raise Unauthorized(REFUSED)
        me = await self.me(caller)
        return token, SignedIn(**structs.asdict(me), joined=joined)

    async def me(self, caller: Caller) -> Me:
        """Return who calls."""
        user = caller.identity.user_id
        language, zone, theme = await self._profiles.get(user)
        try:
            person = await self._people.get(user)
            name, configured = person.name, person.configured
        except NotFound:  # erased in this moment
            name, configured = "", False
        return Me(
            user_id=user,
            name=name,
            role=role_of(caller.identity.scopes),
            scopes=sorted(caller.identity.scopes),
            configured=configured,
            session=caller.session,
            language=language,
            time_zone=zone,
            theme=theme,
        )

    async def device_code(self, caller: Caller) -> Code:
        """Return a code for another device of the same person.

        Raises:
            Forbidden: The caller is a program.
        """
        caller.require_person()
        user = caller.identity.user_id
        async with self._database.transaction(user) as connection:
            return await self._codes.add(
                connection,
                user,
                "device",
                await self.granted(caller),
                configured_key=caller.configured_key,
                life=DEVICE_CODE_LIFE,
            )

    async def granted(self, caller: Caller) -> frozenset[Scope]:
        """Return what is handed on: all that a person may ever do, or what the caller may do."""
        allowed = await self._people.scopes(caller.identity.user_id)
        return ALL_SCOPES if caller.identity.scopes == allowed else caller.identity.scopes

    async def profile(self, caller: Caller) -> Profile:
        """Return what a person chose."""
        me = await self.me(caller)
        return Profile(
            name=me.name,
            language=me.language,
            time_zone=me.time_zone,
            theme=me.theme,
            configured=me.configured,
        )

    async def storage(self, caller: Caller) -> StorageUse:
        """Return how much a person keeps here."""
        used, limit = await self._database.kept(caller.identity.user_id)
        return StorageUse(used_bytes=used, limit_bytes=limit)

    async def change_profile(self, caller: Caller, patch: ProfilePatch) -> Profile:
        """Change what is given.

        Raises:
            Conflict: The name is that of the configuration.
        """
        user = caller.identity.user_id
        if patch.name is not UNSET:
            await self._people.rename(user, patch.name)
        await self._profiles.change(user, patch)
        return await self.profile(caller)

    async def _by_key(self, key: str) -> Rights:
        caller = await self._callers.of_key(key)
        if caller is None:
            raise Unauthorized(REFUSED)
        # What a key of the configuration may do is read there each time.
        scopes = ALL_SCOPES if caller.configured_key else caller.identity.scopes
        user, name = caller.identity.user_id, caller.identity.key_name
        return Rights(user, name, scopes, "key", caller.configured_key, caller.api_key)

    async def _by_code(self, used: UsedCode) -> tuple[Rights, bool]:
        joined = False
        if used.purpose == "invitation":
            try:
                joined = await self._people.join(used.user)
            except NotFound:
                raise Unauthorized(REFUSED) from None
        name = await self._name(used.user)
        return Rights(used.user, name, used.scopes, "code", used.configured_key), joined

    async def _name(self, user: UUID) -> str:
        """Return what the audit log calls somebody who has shown no key."""
        try:
            return (await self._people.get(user)).name
        except NotFound:
            raise Unauthorized(REFUSED) from None
