"""Linking a person's account at a messenger, and knowing what may be done from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from pisovereign.accounts.callers import Caller
from pisovereign.accounts.secrets import new_code
from pisovereign.audit.service import AuditLog
from pisovereign.channels.links import Link, LinkStore
from pisovereign.config import Scope
from pisovereign.connectors.messaging import Incoming, Linking
from pisovereign.errors import NotFound
from pisovereign.storage.pool import Connection, Database

_CODE_LENGTH = 12  # 2^59 codes, for ten minutes


class LinkedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an account is linked, what it is called, and whether there is a bot at all."""

    set_up: bool
    linked: bool
    name: str | None = None
    linked_at: dt.datetime | None = None


class LinkCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that links the account that sends it to the bot.

    `link` opens the bot and sends it in one press; `qr` is that link as an image.
    """

    code: str
    bot: str
    link: str
    qr: str
    expires_at: dt.datetime


class LinkService:
    """Accounts, as their owners see them; a `Directory` of them.

    Args:
        messenger: Where they are.
        database: Where it is known whose they are.
        store: The SQL of that.
        audit: Where it is told that one was linked or forgotten.
        users: Everybody who may link one.
    """

    def __init__(
        self,
        messenger: Linking,
        *,
        database: Database,
        store: LinkStore,
        audit: AuditLog,
        users: Sequence[UUID],
    ) -> None:
        self._messenger = messenger
        self._database = database
        self._store = store
        self._audit = audit
        self._users = users
        self.missing = (
            f"No {messenger.title} account is linked: link yours on the page, under Settings"
        )

    async def user_of(self, connection: Connection, address: str) -> UUID | None:
        """Return whose account this is; None: nobody's, or nothing may be done from it."""
        link = await self._store.of_address(connection, address)
        return link.user if link and link.scopes else None

    async def link(self, connection: Connection, message: Incoming) -> UUID | None:
        """Link the account that sent a code; None: it is not, or no longer, valid."""
        return await self._store.use_code(connection, message)

    async def address(self, user: UUID, wanted: str = "") -> str | None:
        """Return what a user's account is known by; None: none is linked, or another one."""
        link = await self._of(user)
        return link.address if link and wanted in {"", link.address} else None

    async def scopes(self, user: UUID, address: str) -> frozenset[Scope]:
        """Return what a user may do from an account; empty: it is not theirs."""
        link = await self._of(user)
        return link.scopes if link and link.address == address else frozenset()

    def users(self) -> Sequence[UUID]:
        """Return everybody: each may link an account."""
        return tuple(self._users)

    async def show(self, user: UUID) -> LinkedAccount:
        """Return what a user's account is."""
        set_up = self._messenger.is_set_up()
        link = await self._of(user)
        if link is None:
            return LinkedAccount(set_up=set_up, linked=False)
        return LinkedAccount(set_up=set_up, linked=True, name=link.name, linked_at=link.linked_at)

    async def new_code(self, caller: Caller) -> LinkCode:
        """Make a code; an earlier one is no longer valid.

        Raises:
            Forbidden: A program asks.
            NotConfigured: The messenger is not connected.
            UpstreamError: It cannot be asked what the assistant is called there.
        """
        caller.require_person()
        code, user = new_code(_CODE_LENGTH), caller.identity.user_id
        name, link = await self._messenger.link_of(code)
        async with self._database.transaction(user) as connection:
            until = await self._store.add_code(
                connection, user, code, caller.identity.scopes, caller.configured_key
            )
            await self._audit.add(
                connection,
                user,
                "created",
                by=caller.identity,
                kind=f"{self._messenger.name}_code",
                subject=str(user),
                what=f"a code that links a {self._messenger.title} account",
            )
        import segno  # noqa: PLC0415 - rarely needed

        qr = segno.make(link, error="m", micro=False).svg_data_uri(scale=6, dark="#000")
        return LinkCode(code=code, bot=name, link=link, qr=qr, expires_at=until)

    async def remove(self, caller: Caller) -> None:
        """Forget the caller's account.

        Raises:
            NotFound: None is linked.
        """
        user = caller.identity.user_id
        async with self._database.transaction(user) as connection:
            if not await self._store.remove(connection, user):
                raise NotFound(f"No {self._messenger.title} account is linked")
            await self._audit.add(
                connection,
                user,
                "removed",
                by=caller.identity,
                kind=f"{self._messenger.name}_account",
                subject=str(user),
                what=f"the {self._messenger.title} account",
            )

    async def _of(self, user: UUID) -> Link | None:
        """Return a user's account; None: none is linked, or nothing may be done from it."""
        async with self._database.transaction(user) as connection:
            link = await self._store.of_user(connection, user)
        return link if link and link.scopes else None
