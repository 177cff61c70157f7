"""The route that carries out commands."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.caller import Caller
from pisovereign.actions.results import Completed, Pending
from pisovereign.actions.service import CommandService
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.errors import ValidationFailed
from pisovereign.languages.detection import accepted_language
from pisovereign.runner.types import RunStatus


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command by its name; `args` is checked against what the command takes."""

    command: Annotated[str, Meta(min_length=1)]
    args: Any = None


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out, as the document shows it: `result` is a `Result`."""

    command: str
    status: RunStatus
    result: Any  # msgspec describes no union of structs
    text: str
    executed_at: dt.datetime


class CommandRoutes(Routes, tag="Commands"):
    """Commands over HTTP."""

    def __init__(self, service: CommandService) -> None:
        self._service = service

    @route(
        "POST",
        "/v1/commands",
        operation_id="runCommand",
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
                    "weather": None,
                    "calendar": None,
                    "emails": None,
                    "sources": {
                        "weather": "not_configured",
                        "calendar": "not_configured",
                        "emails": "not_configured",
                    },
                },
                "text": ("Weather: not set up yet\nMail: not set up yet\nCalendar: not set up yet"),
                "executed_at": "2026-02-07T07:00:00.159707Z",
            },
        ),
    )
    async def run_command(
        self, req: Request, resp: Response, body: CommandRequest
    ) -> Completed | Pending:
        """Carry out a command.

        [commands.md](commands.md) says what there is, with the arguments and the result of each.

        This is the briefing of a server that nothing was set up for yet. `command` is the type of
        the command, `text` is the result in words. Words are English, or German if
        `Accept-Language` prefers it.

        A command that there is not is a 422 that names the nearest one; arguments that break rules
        are a 422 that names each: `args.days`. When the server behind a command does not answer or
        refuses, that is a 502; when what the command needs is not configured, a 503 that names the
        setting.
        """
        command = self._service.command(body.command, body.args)
        caller = Caller(req.context.user, accepted_language(req.get_header("Accept-Language")))
        try:
            return await self._service.run(caller, command)
        except ValidationFailed as error:
            raise ValidationFailed(
                [{"field": f"args.{f['field']}", "error": f["error"]} for f in error.fields]
            ) from None
