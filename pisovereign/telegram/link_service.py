"""Linking a person's Telegram account, and knowing what may be done from it."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.accounts.callers import Caller
from pisovereign.accounts.secrets import new_code
from pisovereign.audit.service import AuditLog
from pisovereign.config import Scope
from pisovereign.connectors.telegram.client import TelegramClient
from pisovereign.connectors.telegram.live import SETTING
from pisovereign.errors import NotConfigured, NotFound
from pisovereign.storage.pool import Database
from pisovereign.telegram.links import Link, LinkStore

_CODE_LENGTH = 12  # 2^59 codes, for ten minutes


class Bots(Protocol):
    """Knows the bot that is connected."""

    def using(self) -> AbstractContextManager[tuple[TelegramClient, int] | None]:
        """Hold it; None: there is none."""
        ...


class TelegramAccount(msgspec.Struct, frozen=True, kw_only=True):
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
    """Accounts, as their owners see them, and as messages are sent to them.

    Args:
        database: Where they are.
        store: Their SQL.
        audit: Where it is told that one was linked or forgotten.
        bots: The bot.
    """

    def __init__(self, database: Database, store: LinkStore, audit: AuditLog, bots: Bots) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._bots = bots

    async def of(self, user: UUID) -> Link | None:
        """Return a user's account; None: none is linked, or nothing may be done from it."""
        async with self._database.transaction(user) as connection:
            link = await self._store.of_user(connection, user)
        return link if link and link.scopes else None

    async def account(self, user: UUID) -> int | None:
        """Return the number of a user's account; None: none is linked."""
        link = await self.of(user)
        return link.account if link else None

    async def scopes(self, user: UUID) -> frozenset[Scope]:
        """Return what may be done from a user's account; empty: none is linked."""
        link = await self.of(user)
        return link.scopes if link else frozenset()

    async def show(self, user: UUID) -> TelegramAccount:
        """Return what a user's account is."""
        with self._bots.using() as bot:
            set_up = bot is not None
        link = await self.of(user)
        if link is None:
            return TelegramAccount(set_up=set_up, linked=False)
        return TelegramAccount(set_up=set_up, linked=True, name=link.name, linked_at=link.linked_at)

    async def new_code(self, caller: Caller) -> LinkCode:
        """Make a code; an earlier one is no longer valid.

        Raises:
            Forbidden: A program asks.
            NotConfigured: There is no bot.
            UpstreamError: The bot cannot be asked for its name.
        """
        caller.require_person()
        with self._bots.using() as bot:
            if bot is None:
                raise NotConfigured("Telegram", SETTING)
            name = await bot[0].name()
        code, user = new_code(_CODE_LENGTH), caller.identity.user_id
        async with self._database.transaction(user) as connection:
            until = await self._store.add_code(
                connection, user, code, caller.identity.scopes, caller.configured_key
            )
            await self._audit.add(
                connection,
                user,
                "created",
                by=caller.identity,
                kind="telegram_code",
                subject=str(user),
                what="a code that links a Telegram account",
            )
        link = f"https://t.me/{name}?start={code}"
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
                raise NotFound("No Telegram account is linked")
            await self._audit.add(
                connection,
                user,
                "removed",
                by=caller.identity,
                kind="telegram_account",
                subject=str(user),
                what="the Telegram account",
            )
