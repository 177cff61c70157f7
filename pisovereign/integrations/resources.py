"""The route that tests what is configured."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.media import respond
from pisovereign.integrations.diagnostics import Diagnostics


class IntegrationsTestResource:
    """`POST /v1/integrations/test`: ask each of them now."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer for each whether it works."""
        respond(resp, {"integrations": await self._diagnostics.run()})
