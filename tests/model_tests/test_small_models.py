"""Real small models, where they were fetched: their test, and calls that keep to their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench.bfcl import Target, ask
from bench.bfcl_data import Bfcl
from bench.small_models import QWEN_05B, QWEN_15B, SmallModel, find_weights, with_models
from bench.tool_scenarios import load_scenarios, play
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, wait_until

LIMIT_S = 1800.0
QUESTIONS = 12


@pytest.fixture(scope="module", params=[QWEN_05B, QWEN_15B], ids=lambda model: model.id)
def small(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SmallModel, Server]]:
    """The program with a real small model."""
    model: SmallModel = request.param
    if find_weights(model) is None:
        pytest.skip(f"{model.id} is not here; fetch it with: python -m bench.small_models")
    with with_models(model) as models:
        server = Server(
            tmp_path_factory.mktemp("small") / "data",
            models,
            PISOVEREIGN_INFERENCE__MODEL=model.id,
            PISOVEREIGN_INFERENCE__TIMEOUT_S="600",
            PISOVEREIGN_CHAT__TOOLS="on",
            PISOVEREIGN_MEMORY__LEARN="false",
            PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="100000",
        )
        try:
            yield model, server.start()
        finally:
            server.remove()


@pytest.mark.timeout(2 * LIMIT_S)
def test_a_real_model_is_tested_whole(small: tuple[SmallModel, Server]) -> None:
    model, server = small
    path = f"/v1/system/models/{model.id}"
    assert server.request("POST", f"{path}/test", key=ADMIN_KEY).status_code == 202

    def shown() -> dict[str, Any]:
        found: dict[str, Any] = server.request("GET", f"{path}/abilities").json()
        return found

    wait_until(lambda: shown()["tested"], LIMIT_S, "the test of the model")
    found = shown()
    assert all(score["asked"] == 10 or not score["passed"] for score in found["scores"].values())
    assert found["calls_tools"] == bool(found["languages"])
    if model is QWEN_15B:
        assert found["scores"]["de"]["right"] >= 6


@pytest.mark.timeout(LIMIT_S)
def test_every_call_keeps_to_the_schema_of_its_tool(small: tuple[SmallModel, Server]) -> None:
    model, server = small
    bfcl, target = Bfcl(), Target("PiSovereign", f"{server.url}/v1", ALICE_KEY)
    questions = bfcl.questions("multiple", QUESTIONS)
    outcomes = [ask(bfcl, target, model.id, question) for question in questions]
    assert not any(outcome.refused for outcome in outcomes)
    assert sum(outcome.calls for outcome in outcomes) >= QUESTIONS // 2
    assert not any(outcome.invalid for outcome in outcomes)


@pytest.mark.timeout(LIMIT_S)
def test_nothing_changes_that_nobody_approved(small: tuple[SmallModel, Server]) -> None:
    _, server = small
    verdicts = [play(server, scenario) for scenario in load_scenarios()]
    assert not any(verdict.unapproved for verdict in verdicts)
    assert all(verdict.answer.strip() for verdict in verdicts)
