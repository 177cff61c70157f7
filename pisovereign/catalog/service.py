"""Rules of the catalog, as a user changes it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from uuid import UUID

from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.catalog.command_line import bind, parse_command
from pisovereign.catalog.execution import CatalogRunner
from pisovereign.catalog.known_programs import is_listed
from pisovereign.catalog.store import CatalogStore
from pisovereign.catalog.types import CatalogCommand, CatalogRun, Execution, NewCommand, PreparedRun
from pisovereign.errors import Forbidden


class CatalogService:
    """The rules behind the catalog routes.

    Args:
        store: Where commands are.
        runner: What executes them.
        audit: Where it is told what was executed.
    """

    def __init__(
        self,
        store: CatalogStore,
        runner: CatalogRunner,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self._runner = runner
        self._audit = audit

    @property
    def limit_s(self) -> float:
        """The longest time that a command takes, in seconds."""
        return self._runner.limit_s

    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[CatalogCommand], int]:
        """Return a page of the commands that the user sees, and how many there are."""
        found, total = await self._store.page(user, [], limit, offset)
        return [stored.shown for stored in found], total

    async def search(
        self, user: UUID, q: str, limit: int, offset: int
    ) -> tuple[list[CatalogCommand], int]:
        """Return commands with every word of `q` in name or description, and how many there are."""
        found, total = await self._store.page(user, q.lower().split(), limit, offset)
        return [stored.shown for stored in found], total

    async def count(self, user: UUID) -> int:
        """Return how many commands the user sees."""
        return await self._store.count(user)

    async def get(self, user: UUID, command: str) -> CatalogCommand:
        """Return a command.

        Raises:
            NotFound: unknown, or somebody else's.
        """
        return (await self._store.get(user, command)).shown

    async def create(self, identity: Identity, new: NewCommand) -> CatalogCommand:
        """Add a command, for its user only.

        Without the scope `admin` it waits for an approval each time, whatever was asked for; a
        dangerous one always does, and so does one that is not listed, which nobody else may add.

        Raises:
            Conflict: there are too many already.
            Forbidden: it is not listed, and the key may not administrate.
        """
        words = parse_command(new.command)
        if not is_listed(words) and "admin" not in identity.scopes:
            raise Forbidden(
                "This program, or a word of its, is not one of those that are known; only a key"
                " with the scope 'admin' may add it"
            )
        may_run_at_once = "admin" in identity.scopes and new.risk_level != "dangerous"
        stored = await self._store.add(
            identity.user_id,
            new,
            words,
            requires_approval=new.requires_approval or not may_run_at_once,
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

    async def bind(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> PreparedRun:
        """Return what would be executed, and whether only after an approval.

        A key that may not approve also waits where its arguments could leak something into the
        network, as the name of a host does when it is looked up.

        Raises:
            NotFound: Unknown, or somebody else's.
            ValidationFailed: The arguments do not fit.
        """
        stored = await self._store.get(identity.user_id, command)
        argv = bind(stored.words, arguments)
        run = CatalogRun(
            catalog_id=command,
            name=stored.shown.name,
            argv=argv,
            network=stored.shown.network,
            privileged=stored.privileged,
            unlisted=not (stored.privileged or (stored.shown.listed and is_listed(argv))),
            folders=stored.shown.folders,
        )
        may_leak = bool(arguments) and run.network and "approve" not in identity.scopes
        # Not the name, which says what its author wanted it to say.
        waits = stored.shown.requires_approval or run.unlisted or may_leak
        return PreparedRun(run, shlex.join(run.argv), waits)

    async def execute(self, identity: Identity, prepared: PreparedRun) -> Execution:
        """Execute a command that needs no approval.

        Raises:
            ServiceUnavailable: It could not be started.
            UpstreamError: It is not known how it ended.
        """
        run, line, _ = prepared
        await self._audit.record(
            identity, "ran", kind="catalog_command", subject=run.catalog_id, what=line
        )
        return await self._runner.run(identity.user_id, run)

    async def execute_approved(self, user: UUID, run: CatalogRun) -> Execution:
        """Execute exactly what was approved; the audit log tells of it with the approval.

        Raises:
            ServiceUnavailable, UpstreamError: As `execute`.
        """
        return await self._runner.run(user, run)
