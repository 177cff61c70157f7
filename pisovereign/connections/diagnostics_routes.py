"""The route that asks each configured service."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.diagnostics import Diagnostics, Outcome


class Trials(msgspec.Struct, frozen=True):
    """What each integration answers now."""

    integrations: list[Outcome]


class IntegrationRoutes(Routes, tag="System"):
    """Tests of integrations over HTTP."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics

    @route(
        "POST",
        "/v1/integrations/test",
        operation_id="testIntegrations",
        summary="Ask each configured service outside now",
        example=Example(
            response={
                "integrations": [
                    {
                        "name": "weather",
                        "status": "not_configured",
                        "detail": "set weather.location",
                        "latency_ms": None,
                    },
                    {
                        "name": "calendar",
                        "status": "not_configured",
                        "detail": "set caldav.url",
                        "latency_ms": None,
                    },
                    {
                        "name": "email",
                        "status": "not_configured",
                        "detail": "set email.imap_host",
                        "latency_ms": None,
                    },
                    {
                        "name": "search",
                        "status": "not_configured",
                        "detail": "set search.url",
                        "latency_ms": None,
                    },
                    {
                        "name": "speech",
                        "status": "not_configured",
                        "detail": "set speech.to_text or speech.to_speech",
                        "latency_ms": None,
                    },
                    {
                        "name": "home_assistant",
                        "status": "not_configured",
                        "detail": "set home_assistant.url",
                        "latency_ms": None,
                    },
                    {
                        "name": "backup_folder",
                        "status": "not_configured",
                        "detail": "set backup_folder.path",
                        "latency_ms": None,
                    },
                    {
                        "name": "backup_stick",
                        "status": "not_configured",
                        "detail": "set backup_stick.name",
                        "latency_ms": None,
                    },
                    {
                        "name": "backup_webdav",
                        "status": "not_configured",
                        "detail": "set backup_webdav.url",
                        "latency_ms": None,
                    },
                    {
                        "name": "backup_s3",
                        "status": "not_configured",
                        "detail": "set backup_s3.endpoint",
                        "latency_ms": None,
                    },
                ]
            }
        ),
    )
    async def test_integrations(self, req: Request, resp: Response) -> Trials:
        """Ask each integration that is set up, all at the same time, for at most 30 seconds.

        `status` is `works`, `fails` or `not_configured`; `detail` says what the service answers,
        what is wrong with it, or what to set. `pisovereign-cli integrations test` prints the same,
        one line each.
        """
        return Trials(await self._diagnostics.run(req.context.user.user_id))
