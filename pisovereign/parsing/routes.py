"""The route that reads commands without carrying them out."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.parsing.service import ParseService
from pisovereign.parsing.types import ParseRequest, ParseResponse


class ParseRoutes(Routes, tag="Commands"):
    """Parsing over HTTP."""

    def __init__(self, service: ParseService) -> None:
        self._service = service

    @route(
        "POST",
        "/v1/commands/parse",
        summary="Parse a command without executing it",
        fields={
            "input": "1 to 2,000 characters, not blank",
            "allow_model": "`true`: what the rules do not understand is shown to the model",
        },
        example=Example(
            request={"input": "create meeting tomorrow at 3pm"},
            response={
                "parsed": True,
                "command": {
                    "type": "CreateCalendarEvent",
                    "title": "meeting",
                    "start": "2026-02-08T15:00:00Z",
                    "end": "2026-02-08T16:00:00Z",
                },
                "confidence": 0.97,
                "requires_approval": False,
            },
        ),
    )
    async def parse_command(
        self, req: Request, resp: Response, body: ParseRequest
    ) -> ParseResponse:
        """Read a command, without carrying it out.

        [parsing.md](parsing.md) says what is understood, in [which languages](languages.md).

        `command` is one of the types in [commands.md](commands.md) with its fields, or a
        `RunCatalogCommand` with the `catalog_id` of a [system command](catalog.md). Times are in
        UTC. `confidence`, 0 to 1, is how likely it is that the words are a command and, if one was
        found, this one. A command that the words leave incomplete names the fields that it lacks in
        `missing`, and has only the others. `unsupported` names what is asked for and nothing here
        can do, such as `lights`. What is no command, or none that is understood, is `{"parsed":
        false, "command": null, "confidence": 0.03, "requires_approval": false}`.
        """
        user = req.context.user.user_id
        parsed = await self._service.read(user, body.input, allow_model=body.allow_model)
        return ParseResponse.of(parsed)
