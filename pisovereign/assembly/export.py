"""The list of an export's parts: everything that stores something of a person's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from pisovereign import __version__
from pisovereign.accounts.callers import Caller
from pisovereign.accounts.export import Files, Part, PersonExport
from pisovereign.agents import types as agents
from pisovereign.approvals import types as approvals
from pisovereign.assembly.accounts import Accounts
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.services import Services
from pisovereign.channels.link_service import LinkService
from pisovereign.chat.history_types import ConversationQuery
from pisovereign.connections.kinds import KINDS, PREFERENCES
from pisovereign.connections.presentation import shown_values
from pisovereign.connectors.connection_settings import ConnectionSettings
from pisovereign.errors import NotFound
from pisovereign.memory.types import MemoryOrigin
from pisovereign.reminders import types as reminders

_AT_ONCE = 200
_NO_NAME = re.compile(r"[^\w.() -]+")
Batches = AsyncIterator[Sequence[msgspec.Struct]]
# Some of a user's things, and how many there are.
Page = tuple[Sequence[Any], int]
# A page, from a limit and an offset.
PageOf = Callable[[UUID, int, int], Awaitable[Page]]


class OriginOf(msgspec.Struct, frozen=True, kw_only=True):
    """Where a memory comes from."""

    memory_id: UUID
    origin: MemoryOrigin


class SavedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that somebody saved in a form, without its passwords."""

    kind: str
    values: dict[str, Any]


def build_export(
    accounts: Accounts, services: Services, integrations: Integrations
) -> PersonExport:
    """Return what makes exports. A table that belongs to users has its file here."""
    parts = [
        Part("profile.jsonl", _one(accounts.me)),
        Part("sessions.jsonl", _all(accounts.sessions_of)),
        Part("api-keys.jsonl", _all(accounts.keys_of)),
        Part("passkeys.jsonl", _all(accounts.passkeys_of)),
        Part("conversations.jsonl", _conversations(services)),
        Part("memories.jsonl", lambda caller: services.memory.export(caller.identity.user_id)),
        Part("memory-origins.jsonl", _origins(services)),
        Part("documents.jsonl", _paged(services.documents.page)),
        Part("reminders.jsonl", _paged(_listed(services.reminders.page, reminders.ListQuery))),
        Part("lists.jsonl", _lists(services)),
        Part("calendar.jsonl", _all(_of_user(integrations.calendar.own.everything))),
        Part("calendar-address.jsonl", _one(_calendar_feed(integrations))),
        Part("tasks.jsonl", _paged(_listed(services.agents.service.page, agents.ListQuery))),
        Part("schedules.jsonl", _all(_of_user(services.agents.schedules.all))),
        Part("approvals.jsonl", _paged(_listed(services.approvals.page, approvals.ListQuery))),
        Part("commands.jsonl", _commands(services)),
        Part("connections.jsonl", _settings(integrations.settings)),
        Part("tool-servers.jsonl", _tool_servers(services)),
        Part("browsers-told.jsonl", _all(_of_user(integrations.push.service.list))),
        *(
            Part(f"{name}.jsonl", _one(_account(links)))
            for name, links in integrations.channels.accounts().items()
        ),
        Part("audit.jsonl", lambda caller: services.audit.export(caller.identity.user_id)),
    ]
    files = Files(_documents(services))
    return PersonExport(f"PiSovereign {__version__}", parts, files, services.audit)


def _one(read: Callable[[Caller], Awaitable[msgspec.Struct]]) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        yield [await read(caller)]

    return batches


def _all(
    read: Callable[[Caller], Awaitable[Sequence[msgspec.Struct]]],
) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        yield await read(caller)

    return batches


def _of_user(
    read: Callable[[UUID], Awaitable[Sequence[msgspec.Struct]]],
) -> Callable[[Caller], Awaitable[Sequence[msgspec.Struct]]]:
    return lambda caller: read(caller.identity.user_id)


def _paged(read: PageOf) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        async for page in _pages(read, caller.identity.user_id):
            yield page

    return batches


async def _pages(read: PageOf, user: UUID) -> AsyncIterator[Sequence[Any]]:
    offset = 0
    while True:
        page, _ = await read(user, _AT_ONCE, offset)
        if page:
            yield page
        if len(page) < _AT_ONCE:
            return
        offset += len(page)


def _listed(page: Callable[[UUID, Any], Awaitable[Page]], query: Callable[..., Any]) -> PageOf:
    """Return what reads a list whose service takes the query of its route."""
    return lambda user, limit, offset: page(user, query(limit=limit, offset=offset))


def _conversations(services: Services) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        user, cursor = caller.identity.user_id, None
        while True:
            query = ConversationQuery(limit=_AT_ONCE, cursor=cursor)
            page, _, cursor = await services.conversations.page(user, query)
            for each in page:
                try:
                    yield [await services.conversations.whole(user, each.id)]
                except NotFound:  # deleted in this moment
                    continue
            if cursor is None:
                return

    return batches


def _origins(services: Services) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        user = caller.identity.user_id
        async for memories in services.memory.export(user):
            found = []
            for each in memories:
                try:
                    origin = await services.memory.origin(user, each.id)
                except NotFound:  # forgotten in this moment
                    continue
                found.append(OriginOf(memory_id=each.id, origin=origin))
            yield found

    return batches


def _lists(services: Services) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        user = caller.identity.user_id
        for each in await services.lists.lists(user):
            try:
                yield [await services.lists.get(user, each.id)]
            except NotFound:  # deleted in this moment
                continue

    return batches


def _commands(services: Services) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        async for page in _pages(services.catalog.page, caller.identity.user_id):
            yield [each for each in page if each.own]

    return batches


def _settings(settings: ConnectionSettings) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        user = caller.identity.user_id
        personal = [kind for kind in (*KINDS.values(), *PREFERENCES.values()) if kind.personal]
        for kind in personal:
            saved = settings.saved(kind, user)
            if saved is not None:
                values = shown_values(kind, None, saved.values or {})
                yield [SavedSettings(kind=kind.name, values=values)]

    return batches


def _tool_servers(services: Services) -> Callable[[Caller], Batches]:
    async def batches(caller: Caller) -> Batches:
        # Whoever may not see what is set up has set up nothing.
        if {"approve", "admin"} & caller.identity.scopes:
            found = await services.tool_servers.service.servers(caller.identity)
            yield [each for each in found.servers if each.source == "saved"]

    return batches


def _account(links: LinkService) -> Callable[[Caller], Awaitable[msgspec.Struct]]:
    return lambda caller: links.show(caller.identity.user_id)


def _calendar_feed(integrations: Integrations) -> Callable[[Caller], Awaitable[msgspec.Struct]]:
    return lambda caller: integrations.calendar_feed.state(caller.identity.user_id)


def _documents(
    services: Services,
) -> Callable[[Caller], AsyncIterator[tuple[str, AsyncIterator[bytes]]]]:
    async def files(caller: Caller) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        user = caller.identity.user_id
        async for page in _pages(services.documents.page, user):
            for each in page:
                try:
                    found = await services.documents.download(user, each.id)
                except NotFound:  # deleted in this moment
                    continue
                # Two may have one name, and no name leads out of the folder.
                yield f"documents/{each.id} {_NO_NAME.sub('_', each.name)}", found.pieces

    return files
