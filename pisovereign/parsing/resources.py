"""`POST /v1/commands/parse`."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.parsing.service import ParseService
from pisovereign.parsing.types import ParseRequest


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
