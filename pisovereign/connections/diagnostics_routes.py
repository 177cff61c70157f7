"""The route that asks each configured service."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.diagnostics import Diagnostics, IntegrationState
from pisovereign.connectors.registry import CONNECTORS


class Trials(msgspec.Struct, frozen=True):
    """The present state of each integration."""

    integrations: list[IntegrationState]


class IntegrationRoutes(Routes, tag="System"):
    """Tests of integrations over HTTP."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics

    @route(
        "POST",
        "/v1/integrations/test",
        summary="Ask each configured service outside now",
        example=Example(
            response={
                "integrations": [
                    {
                        "name": each.kind.name,
                        "status": "not_configured",
                        "detail": f"set {each.kind.section}.{each.kind.fields[0].name}",
                        "latency_ms": None,
                    }
                    for each in CONNECTORS
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
