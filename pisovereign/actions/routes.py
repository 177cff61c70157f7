"""The routes of actions: commands, and system commands of the catalog."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.caller import Caller
from pisovereign.actions.run_catalog_command import RunCatalogCommand
from pisovereign.actions.service import ActionService, Asked
from pisovereign.actions.types import CommandStatus, Completed, Pending
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.types import ExecuteRequest, Execution, PendingApproval
from pisovereign.errors import ValidationFailed


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command by its name; `args` is checked against what the command takes."""

    command: Annotated[str, Meta(min_length=1)]
    args: Any = None


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out: `result` as data, `text` in words."""

    # Only for the document; `Completed` is what is sent.
    command: str
    status: CommandStatus
    result: Any  # msgspec describes no union of structs
    text: str
    executed_at: dt.datetime


class CommandRoutes(Routes, tag="Commands"):
    """Commands over HTTP."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "POST",
        "/v1/commands",
        summary="Execute a command and get the result",
        errors=(502,),
        response=CommandAnswer | Pending,
        fields={
            "command": "the name of a command",
            "args": "an object: what the command takes; none if not given",
        },
        example=Example(
            request={"command": "briefing"},
            response={
                "command": "MorningBriefing",
                "status": "completed",
                "result": {
                    "reminders": [],
                    "weather": None,
                    "calendar": [],
                    "emails": None,
                    "sources": {
                        "weather": "not_configured",
                        "calendar": "ok",
                        "emails": "not_configured",
                    },
                    "tasks": [],
                },
                "text": "Reminders: nothing today\nCalendar: nothing today",
                "executed_at": "2026-02-07T07:00:00.159707Z",
            },
        ),
    )
    async def run_command(
        self, req: Request, resp: Response, body: CommandRequest
    ) -> Completed | Pending:
        """Carry out a command.

        [commands.md](commands.md) says what there is, with the arguments and the result of each.

        The example is the briefing of a server that nothing was set up for yet. `command` is the
        type of the command, `text` is the result in words. Words are in the language
        that `Accept-Language` prefers of [those that there are](languages.md), else in yours.

        A command that there is not is a 422 that names the nearest one; arguments that break rules
        are a 422 that names each: `args.days`. When the server behind a command does not answer or
        refuses, that is a 502; when what the command needs is not configured, a 503 that names the
        setting.
        """
        command = self._actions.command(body.command, body.args)
        try:
            return await self._actions.run(caller_of(req), command)
        except ValidationFailed as error:
            raise ValidationFailed(
                [{"field": f"args.{f['field']}", "error": f["error"]} for f in error.fields]
            ) from None


class CatalogExecutionRoutes(Routes, tag="Catalog"):
    """System commands over HTTP; the catalog lists them."""

    def __init__(self, actions: ActionService, catalog: CatalogService) -> None:
        self._actions = actions
        self._catalog = catalog

    @route(
        "POST",
        "/v1/commands/catalog/{id}/execute",
        operation_id="executeCatalogCommand",
        summary="Execute a command from the catalog",
        optional_body=True,
        errors=(409, 502),
        fields={
            "arguments": "a string for each of the command's arguments",
        },
        example=Example(
            request={"arguments": {}},
            response={
                "id": "default-disk-free",
                "status": "completed",
                "exit_code": 0,
                "stdout": (
                    "Filesystem      Size  Used Avail Use% Mounted on\n"
                    "/dev/root        29G  4.1G   24G  15% /\n"
                ),
                "stderr": "",
                "truncated": False,
                "duration_ms": 5,
                "executed_at": "2026-02-24T08:50:08.159707Z",
                "argv": ["df", "-h"],
            },
            pending={
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-02-24T09:20:08.159707Z",
                "argv": ["tail", "-n", "100", "/var/log/syslog"],
                "status": "pending_approval",
            },
        ),
    )
    async def execute_command(
        self, req: Request, resp: Response, command: str, body: ExecuteRequest
    ) -> Execution | PendingApproval:
        """Execute a command, without a shell.

        The body may be left out.

        `status` is `completed` with exit code 0, `timed_out`, or `failed`: also if there is no such
        program on this machine, which `stderr` says then; `exit_code` is null. `argv` is exactly
        what was executed. Output is cut at `runner.output_bytes`; `truncated` says so. Leaving ends
        the command. A 502 means that it is not known whether the command came to its end, a 503
        that it was not begun.

        A command that needs an approval is not executed. The answer, also a 200, names the approval
        that [waits](approvals.md) now.
        """
        # An unknown command is an error of the path here, not of an argument.
        await self._catalog.get(req.context.user.user_id, command)
        asked = RunCatalogCommand(catalog_id=command, arguments=body.arguments)
        done = await self._actions.carry_out(caller_of(req), asked)
        if isinstance(done, Asked):
            return PendingApproval(
                approval_id=done.approval.id,
                expires_at=done.approval.expires_at,
                argv=done.new.payload.argv,
            )
        assert isinstance(done, Execution)
        return done


def caller_of(req: Request) -> Caller:
    """Return who asks, and in which language."""
    return Caller(req.context.user, req.context.language)
