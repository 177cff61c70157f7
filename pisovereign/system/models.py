"""`GET /v1/system/models`."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.media import respond
from pisovereign.system.catalog import ModelCatalog


class ModelsResource:
    """The models that may be named in a chat request."""

    def __init__(self, models: ModelCatalog) -> None:
        self._models = models

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List them."""
        respond(resp, {"models": await self._models.listed()})
