"""The routes of the model in use."""

from __future__ import annotations

from typing import Annotated

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.engine_client.switching import EngineState, SwitchClient

_STATE = {"model": "smollm2-135m-instruct", "configured": "smollm2-135m-instruct"}


class ModelChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model to use from now on."""

    model: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SwitchRoutes(Routes, tag="System"):
    """The model in use over HTTP.

    Args:
        switching: The way to the process that exchanges models.
    """

    def __init__(self, switching: SwitchClient) -> None:
        self._switching = switching

    @route(
        "GET",
        "/v1/system/models/active",
        summary="Show the model in use, and what is done about another",
        errors=(409, 502),
        example=Example(response=_STATE),
    )
    async def active_model(self, req: Request, resp: Response) -> EngineState:
        """Show which model answers, how the last exchange went, and which model is recommended.

        `configured` is `inference.model`. `switch.stage` is `loading` while a model is loaded and
        tried, `waiting` while answers are completed that have to come first, then `done` or
        `failed`, with `error`. `fetch` is there while the recommended model is fetched in the
        background (`fetching`, `proving`), and afterwards (`offered`, or `failed` with `error`).
        409 if `inference.base_url` names another server.
        """
        return await self._switching.state()

    @route(
        "POST",
        "/v1/system/models/active",
        summary="Switch to another model",
        scope="admin",
        status=202,
        errors=(409, 502),
        fields={"model": "The id of a model that is there: see `pisovereign-cli models list`."},
        example=Example(request={"model": "smollm2-135m-instruct"}, response=_STATE),
    )
    async def use_model(self, req: Request, resp: Response, body: ModelChoice) -> EngineState:
        """Begin to exchange the model; `GET` tells how that goes.

        The new one is loaded, and has to write an answer, before it gets a request; until then, and
        if it fails, the present one serves. Running answers are completed by the model that began
        them. The choice holds after a restart, until `inference.model` is changed. 409 if the
        model is not there, or another one is being loaded. [Switching](models.md#switching)
        """
        return await self._switching.use(body.model)
