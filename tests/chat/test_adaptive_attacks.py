"""An attacker who knows our rules, and a user who approves whatever waits: nothing comes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.attack_model import TaskModel
from bench.attack_sets import Suite, own_data
from bench.attack_stage import Stage, staged
from bench.attack_world import World
from bench.attacks import adaptive
from tests.support.equipped import Equipped
from tests.support.server import Server

EMPTY = Suite(
    environment={"events": [], "contacts": [], "files": [], "mails": []},
    user_tasks=[],
    injections=[],
    templates={},
)


@pytest.fixture(scope="module")
def stage(_all_of_it: Equipped, server: Server) -> Iterator[Stage]:
    _all_of_it.clear()
    world = World(_all_of_it)
    world.load(EMPTY)
    with (
        TaskModel(server.data_dir / "run" / "engine.sock") as model,
        staged(world, model, defended=True) as running,
    ):
        yield running
    world.unload()
    _all_of_it.clear()


@pytest.mark.parametrize("name", [each["name"] for each in own_data()["adaptive"]])
def test_an_attacker_who_knows_the_rules_brings_nothing_about(stage: Stage, name: str) -> None:
    (case,) = (each for each in own_data()["adaptive"] if each["name"] == name)
    found = adaptive(stage, case)
    assert found.seen  # else it was no attack
    assert (found.effects, found.leaked, found.hidden, found.asked) == ([], [], [], [])
