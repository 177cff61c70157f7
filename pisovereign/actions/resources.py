"""`POST /v1/commands`."""

from __future__ import annotations

from typing import Annotated, Any

import falcon.asgi
import msgspec
from msgspec import Meta

from pisovereign.actions.caller import Caller
from pisovereign.actions.service import CommandService
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.errors import ValidationFailed
from pisovereign.languages.detection import accepted_language


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command by its name; `args` is checked against what the command takes."""

    command: Annotated[str, Meta(min_length=1)]
    args: Any = None


class CommandsResource:
    """Carries out a command."""

    def __init__(self, service: CommandService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the command's result."""
        request = await self._bodies.read(req, CommandRequest)
        command = self._service.command(request.command, request.args)
        caller = Caller(req.context.user, accepted_language(req.get_header("Accept-Language")))
        try:
            respond(resp, await self._service.run(caller, command))
        except ValidationFailed as error:
            raise ValidationFailed(
                [{"field": f"args.{f['field']}", "error": f["error"]} for f in error.fields]
            ) from None
