"""Running a system command of the catalog."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.messages import command_line, messages_in, program_output
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.catalog.types import CatalogRun, Execution, PreparedRun
from pisovereign.errors import NotFound, ServiceUnavailable, ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.validation import no_nul

CATALOG_COMMAND = "catalog_command"
"""The kind of such approvals."""


class RunCatalogCommand(Command, frozen=True, kw_only=True):
    """Run the system command with this id; `arguments` fill its placeholders."""

    catalog_id: Annotated[str, Meta(min_length=1, max_length=100, extra={"rules": (no_nul,)})]
    arguments: dict[str, str] = msgspec.field(default_factory=dict)


class RunCatalogCommandAction(
    DirectAction[RunCatalogCommand, Execution], ApprovedAction[RunCatalogCommand]
):
    """Runs system commands: at once if the catalog lets this caller, else after an approval."""

    spec = ActionSpec(
        name="run",
        module="run_catalog_command",
        type=RunCatalogCommand,
        result=Execution,
        sources=("catalog",),
        side_effects=True,
        approval="depends",
    )
    kind = CATALOG_COMMAND

    @property
    def limit_s(self) -> float:
        """The catalog's own limit."""
        return self._backends.catalog.limit_s

    async def ask(self, caller: Caller, command: RunCatalogCommand) -> NewApproval | None:
        """Return the exact argument list, if it may not be executed at once."""
        prepared = await self._bind(caller, command)
        if not prepared.requires_approval:
            return None
        return NewApproval(self.kind, _title(prepared, messages_in(caller.language)), prepared.run)

    async def run(self, caller: Caller, command: RunCatalogCommand) -> Execution:
        """Execute a command that needs no approval.

        Raises:
            ServiceUnavailable: It could not be started, or needs an approval by now.
            UpstreamError: It is not known how it ended.
        """
        prepared = await self._bind(caller, command)
        if prepared.requires_approval:
            raise ServiceUnavailable("This command needs an approval by now")
        return await self._backends.catalog.execute(caller.identity, prepared)

    def describe(self, result: Execution, messages: Messages, clock: Clock) -> str:
        """Return how a command ended, with what it printed."""
        line, output = command_line(result), program_output(result)
        if result.status == "completed":
            return f"{line}:{output}" if output else messages.say("run.silent", line=line)
        if result.status == "timed_out":
            return messages.say("run.timed_out", line=line, output=output)
        key = "run.failed" if result.exit_code is None else "run.failed_with_code"
        return messages.say(key, line=line, code=result.exit_code, output=output)

    def may_be_stopped(self, approved: Approved) -> bool:
        """Return whether the runner ends it when nobody waits for it any more."""
        return not _approved_run(approved).privileged

    async def carry_out(self, approved: Approved) -> Execution:
        """Execute exactly what was approved."""
        return await self._backends.catalog.execute_approved(approved.user, _approved_run(approved))

    async def _bind(self, caller: Caller, command: RunCatalogCommand) -> PreparedRun:
        try:
            return await self._backends.catalog.bind(
                caller.identity, command.catalog_id, command.arguments
            )
        except NotFound:
            error = "is not a command of the catalog"
            raise ValidationFailed([{"field": "catalog_id", "error": error}]) from None


def _title(prepared: PreparedRun, messages: Messages) -> str:
    """Return the line; in front of it, where no end can hide it, that the program is unknown."""
    run = prepared.run
    if not run.unlisted:
        return prepared.line
    network = messages.say("run.with_network" if run.network else "run.without_network")
    folders = messages.say("run.without_folders")
    if run.folders:
        folders = messages.say("run.with_folders", folders=", ".join(run.folders))
    return messages.say("run.unlisted", network=network, folders=folders, line=prepared.line)


def _approved_run(approved: Approved) -> CatalogRun:
    return msgspec.json.decode(approved.payload, type=CatalogRun)
