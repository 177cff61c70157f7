"""What a user can do with the catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.catalog.arguments import bind
from pisovereign.catalog.command_line import parse_command
from pisovereign.catalog.store import CatalogStore
from pisovereign.catalog.types import CatalogCommand, Execution, NewCommand
from pisovereign.errors import Forbidden
from pisovereign.keys import Identity
from pisovereign.runner.types import RunRequest, RunResult


class Runner(Protocol):
    """What executes an argument list."""

    async def run(self, request: RunRequest) -> RunResult:
        """Execute one command and wait for its end."""


class CatalogService:
    """The rules behind the catalog routes.

    Args:
        store: Where commands are.
        runner: What executes them.
        timeout_s: The longest time that one may take.
    """

    def __init__(self, store: CatalogStore, runner: Runner, *, timeout_s: float) -> None:
        self._store = store
        self._runner = runner
        self._timeout = timeout_s

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        """A page of the commands that the user sees, and how many there are."""
        found, total = await self._store.page(user, [], limit, offset)
        return [stored.shown for stored in found], total

    async def search(
        self, user: UUID, q: str, limit: int, offset: int
    ) -> tuple[list[CatalogCommand], int]:
        """Commands with every word of `q` in name or description, and how many there are."""
        found, total = await self._store.page(user, q.lower().split(), limit, offset)
        return [stored.shown for stored in found], total

    async def count(self, user: UUID) -> int:
        """How many commands the user sees."""
        return await self._store.count(user)

    async def get(self, user: UUID, command: str) -> CatalogCommand:
        """One command.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        return (await self._store.get(user, command)).shown

    async def create(self, identity: Identity, new: NewCommand) -> CatalogCommand:
        """Add a command, for its user only.

        Whoever may not administrate gets one that waits for an approval each time, whatever was
        asked for; so does a dangerous one.

        Raises:
            Conflict: there are too many already.
        """
        free = "admin" in identity.scopes and new.risk_level != "dangerous"
        stored = await self._store.add(
            identity.user_id,
            new,
            parse_command(new.command),
            requires_approval=new.requires_approval or not free,
        )
        return stored.shown

    async def delete(self, identity: Identity, command: str) -> None:
        """Delete a command of the user's; a default, for everybody and for good.

        Raises:
            NotFound: unknown, or somebody else's.
            Forbidden: a default, and the key may not administrate.
        """
        stored = await self._store.get(identity.user_id, command)
        if stored.is_default and "admin" not in identity.scopes:
            raise Forbidden("This key does not have the scope 'admin', which deletes a default")
        await self._store.delete(identity.user_id, command)

    async def execute(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> Execution:
        """Execute a command.

        Raises:
            NotFound: unknown, or somebody else's.
            ValidationFailed: the arguments do not fit.
            Forbidden: it needs an approval.
            ServiceUnavailable: it could not be started.
            UpstreamError: it is not known how it ended.
        """
        stored = await self._store.get(identity.user_id, command)
        argv = bind(stored.words, arguments)
        if stored.shown.requires_approval:
            raise Forbidden("This command needs an approval")
        request = RunRequest(
            argv=argv,
            network=stored.shown.network,
            privileged=stored.privileged,
            timeout_s=self._timeout,
        )
        started = dt.datetime.now(dt.UTC)
        result = await self._runner.run(request)
        return Execution(
            id=command, argv=argv, executed_at=started, **msgspec.structs.asdict(result)
        )
