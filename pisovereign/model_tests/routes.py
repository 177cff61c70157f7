"""The routes of what models may do."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.model_tests.types import Capabilities, TestState

_ABILITIES = {
    "tested": False,
    "calls_tools": False,
    "languages": [],
    "reads_commands": False,
    "scores": {},
    "reading": None,
}


class ModelTestRoutes(Routes, tag="System"):
    """The routes of what models may do."""

    def __init__(self, abilities: ModelAbilities) -> None:
        self._abilities = abilities

    @route(
        "GET",
        "/v1/system/models/{model}/abilities",
        summary="Show what a model may do",
        example=Example(response=_ABILITIES),
    )
    async def model_abilities(self, req: Request, resp: Response, model: str) -> Capabilities:
        """Show what a test has shown of a model; [models.md](models.md#what-a-model-may-do).

        `scores` says by language how it did with up to ten questions about tools, such
        as `{"right": 9, "asked": 10, "passed": true}`, and `reading` how it did with sentences that
        are commands. For a model that was not tested, `tested` is false, and so is all the rest.
        """
        return self._abilities.of(model)

    @route(
        "POST",
        "/v1/system/models/{model}/test",
        summary="Test the model in use again",
        scope="admin",
        status=202,
        errors=(404,),
        example=Example(response={"model": "smollm2-135m-instruct", "state": "testing"}),
    )
    async def test_model(self, req: Request, resp: Response, model: str) -> TestState:
        """Forget what is known of the model in use, and test it in the background.

        Until the test has ended, the model may do nothing but talk. It is 404 for a model that is
        not in use.
        """
        await self._abilities.test_again(model)
        return TestState(model, "testing")
