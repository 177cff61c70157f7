"""Construction of people, keys and sessions: those who may use the program."""

from __future__ import annotations

import datetime as dt
import socket

import psutil

from pisovereign.accounts.callers import Caller, Callers
from pisovereign.accounts.changes import AccountChanges
from pisovereign.accounts.codes import CodeStore
from pisovereign.accounts.key_routes import KeyRoutes
from pisovereign.accounts.links import SignInLinks
from pisovereign.accounts.passkeys import PasskeyService
from pisovereign.accounts.people import PeopleService
from pisovereign.accounts.people_routes import PeopleRoutes
from pisovereign.accounts.people_store import PeopleStore
from pisovereign.accounts.profiles import Profiles
from pisovereign.accounts.secrets import SecretHash
from pisovereign.accounts.sessions import SessionService
from pisovereign.accounts.sign_in import SignInService
from pisovereign.accounts.sign_in_routes import SignInRoutes
from pisovereign.accounts.stored_keys import StoredKeyService
from pisovereign.accounts.streams import LiveStreams
from pisovereign.accounts.types import Me, Passkey, Session, StoredApiKey
from pisovereign.api_keys import KnownUsers
from pisovereign.asgi.routes import Routes
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.audit.service import AuditLog
from pisovereign.config import Config

HTTPS_PORT = 443


class Accounts:
    """All services of people, keys and sessions.

    Args:
        base: What they stand on.
        known: Is told of those who were invited.

    Attributes:
        people: Everybody there is.
        profiles: What each of them chose.
    """

    def __init__(self, base: Infrastructure, known: KnownUsers) -> None:
        security, server = base.config.security, base.config.server
        database, keys = base.database, base.keys
        audit = AuditLog(database, base.runtime.master_key)
        hashes = SecretHash(base.runtime.master_key)
        idle = dt.timedelta(days=security.session_idle_days)
        longest = dt.timedelta(days=security.session_days)
        self.changes = AccountChanges(database, base.events.listener, base.events.log.wakeups)
        self.callers = Callers(
            keys, database, hashes, known=base.cache.callers, changes=self.changes, idle=idle
        )
        self.streams = LiveStreams(self.callers)
        self._sessions = SessionService(
            database, hashes, audit, self.changes, idle=idle, longest=longest
        )
        codes = CodeStore(database, hashes)
        self.people = PeopleService(
            keys,
            database,
            PeopleStore(base.sealer),
            codes=codes,
            sessions=self._sessions,
            audit=audit,
            changes=self.changes,
        )
        self.profiles = Profiles(
            database,
            base.locales,
            known,
            listener=base.events.listener,
            wakeups=base.events.log.wakeups,
        )
        self._sign_in = SignInService(
            database,
            self.callers,
            self._sessions,
            codes=codes,
            people=self.people,
            profiles=self.profiles,
        )
        self._keys = StoredKeyService(keys, database, hashes, audit, self.changes)
        self._passkeys = PasskeyService(database, audit)
        self._links = SignInLinks(
            server.host, server.port, own_address, secure_address(base.config)
        )
        self._known = known
        self.changes.follow(self.streams.look)
        self.changes.follow(self._look_at_people)

    def routes(self) -> list[Routes]:
        """Return the object of each table of routes."""
        return [
            SignInRoutes(self._sign_in, self._sessions, self._passkeys, self._links),
            PeopleRoutes(self.people, self._links),
            KeyRoutes(self._keys, self._passkeys, self._sign_in),
        ]

    async def load(self) -> None:
        """Read who there is, and what each chose.

        Raises:
            ServiceUnavailable: The database is away.
        """
        await self._look_at_people()
        await self.profiles.load()

    async def me(self, caller: Caller) -> Me:
        """Return what is known of a person."""
        return await self._sign_in.me(caller)

    async def sessions_of(self, caller: Caller) -> list[Session]:
        """Return a person's sessions."""
        return await self._sessions.list_of(caller)

    async def keys_of(self, caller: Caller) -> list[StoredApiKey]:
        """Return the keys of a person's programs."""
        return await self._keys.list_of(caller.identity.user_id)

    async def passkeys_of(self, caller: Caller) -> list[Passkey]:
        """Return a person's passkeys."""
        return await self._passkeys.list_of(caller.identity.user_id)

    async def _look_at_people(self) -> None:
        """Let what goes on in the background know of people who came or left."""
        self._known.set_invited(await self.people.active())


def secure_address(config: Config) -> str | None:
    """Return where other devices find the page with TLS; None: there is none of our own."""
    if config.tls.mode == "off":
        return None
    name = next(iter(config.server.names), f"{socket.gethostname().partition('.')[0]}.local")
    port = "" if config.tls.port == HTTPS_PORT else f":{config.tls.port}"
    return f"https://{name}{port}"


def own_address() -> str | None:
    """Return the address of this device in its network; None: it is in none."""
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family == socket.AF_INET and not each.address.startswith(("127.", "169.254.")):
                return str(each.address)
    return None
