"""`POST /v1/commands/parse`."""

from __future__ import annotations

import falcon.asgi

from pisovereign.commands.parsing.service import ParseService
from pisovereign.commands.parsing.types import ParseRequest
from pisovereign.http.body import BodyReader
from pisovereign.http.media import respond


class ParseResource:
    """Reads a command without carrying it out."""

    def __init__(self, service: ParseService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the command that the words are."""
        request = await self._bodies.read(req, ParseRequest)
        user = req.context.user.user_id
        respond(
            resp,
            await self._service.parse(user, request.input, allow_model=request.allow_model),
        )
