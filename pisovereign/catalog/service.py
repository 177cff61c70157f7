"""What a user can do with the catalog."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.audit.log import AuditLog
from pisovereign.catalog.arguments import bind
from pisovereign.catalog.command_line import parse_command
from pisovereign.catalog.execution import CatalogExecutor
from pisovereign.catalog.store import CatalogStore
from pisovereign.catalog.types import (
    CatalogCommand,
    CatalogRun,
    Execution,
    NewCommand,
    PendingApproval,
)
from pisovereign.errors import Forbidden

KIND = "catalog_command"
"""What approvals of commands are called."""


class PreparedRun(NamedTuple):
    """What would be executed, how that reads, and whether only after an approval."""

    run: CatalogRun
    line: str
    requires_approval: bool


class CatalogService:
    """The rules behind the catalog routes.

    Args:
        store: Where commands are.
        executor: What executes them.
        approvals: Where they wait that may not be executed at once.
        audit: Where it is told what was executed.
    """

    def __init__(
        self,
        store: CatalogStore,
        executor: CatalogExecutor,
        approvals: ApprovalService,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self._executor = executor
        self._approvals = approvals
        self._audit = audit

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

    async def prepare(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> PreparedRun:
        """What would be executed, and whether only after an approval.

        A key that may not approve waits also where its arguments could carry something out of the
        house, as the name of a host does that is looked up.

        Raises:
            NotFound: unknown, or somebody else's.
            ValidationFailed: the arguments do not fit.
        """
        stored = await self._store.get(identity.user_id, command)
        run = CatalogRun(
            catalog_id=command,
            name=stored.shown.name,
            argv=bind(stored.words, arguments),
            network=stored.shown.network,
            privileged=stored.privileged,
        )
        carries = bool(arguments) and run.network and "approve" not in identity.scopes
        # Not the name, which says what its author wanted it to say.
        return PreparedRun(run, shlex.join(run.argv), stored.shown.requires_approval or carries)

    async def execute(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> Execution | PendingApproval:
        """Execute a command, or ask for the approval that it needs.

        Raises:
            NotFound: unknown, or somebody else's.
            ValidationFailed: the arguments do not fit.
            Conflict: too many approvals are pending.
            ServiceUnavailable: it could not be started.
            UpstreamError: it is not known how it ended.
        """
        run, line, requires_approval = await self.prepare(identity, command, arguments)
        if requires_approval:
            asked = await self._approvals.request(identity, KIND, line, run)
            return PendingApproval(approval_id=asked.id, expires_at=asked.expires_at, argv=run.argv)
        await self._audit.record(identity, "ran", kind=KIND, subject=command, what=line)
        return await self._executor.run(run)
