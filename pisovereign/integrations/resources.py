"""The route that tries out what is configured."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.media import respond
from pisovereign.integrations.diagnostics import Trial


class IntegrationsTestResource:
    """`POST /v1/integrations/test`: ask each of them now."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Say of each whether it works."""
        respond(resp, {"integrations": await self._trial.run()})
