"""Scenarios of several steps, in two languages, with a model that does what is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.tool_scenarios import Scenario, load_scenarios, play
from tests.support.acting import Acting, acting
from tests.support.scripted_model import Calls
from tests.support.server import Server

SCENARIOS = load_scenarios()


@pytest.fixture(name="acting", scope="module")
def _acting(server: Server, models_dir: Path) -> Iterator[Acting]:
    with acting(server, models_dir) as running:
        yield running


def follow(acting: Acting, scenario: Scenario) -> None:
    """Have the model say what the scenario's script says."""
    acting.model.forget()
    acting.model.script["other"] = [
        Calls((step.tool, step.arguments)) if step.tool else step.text for step in scenario.script
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.language} {one.name}")
def test_a_scenario_comes_out_right(acting: Acting, scenario: Scenario) -> None:
    follow(acting, scenario)
    verdict = play(acting.server, scenario)
    assert verdict.faults == []
    assert verdict.unapproved == 0
    assert not acting.model.script["other"], "the model was asked fewer times"


def test_a_scenario_can_come_out_wrong(acting: Acting) -> None:
    acts, talks = (
        next(one for one in SCENARIOS if one.name == name)
        for name in ("look up, then act", "no tool needed")
    )
    follow(acting, talks)
    assert play(acting.server, acts).faults
    follow(acting, acts)
    assert play(acting.server, talks).faults
