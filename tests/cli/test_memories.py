"""`pisovereign-cli memories` as a person runs it."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_commands import run
from tests.memory.support import forget_all, remember
from tests.support.server import ALICE_KEY, Server


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    forget_all(server)
    return {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}


def test_export_and_stats(server: Server, environment: dict[str, str]) -> None:
    made = [remember(server, f"Tree number {n} is a beech")["id"] for n in range(3)]
    done = run("memories", "export", **environment)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == made
    shown = run("memories", "stats", **environment).stdout
    assert "Context            3" in shown
    assert "read by all-minilm-l6-v2: 3" in shown
    assert "read by use-multilingual: 3" in shown


def test_forget_all_needs_a_yes(server: Server, environment: dict[str, str]) -> None:
    remember(server, "The well is behind the house")
    refused = run("memories", "forget-all", stdin="yes\n", **environment)
    assert refused.returncode == 1
    assert "nothing was deleted" in refused.stderr
    done = run("memories", "forget-all", "--yes", **environment)
    assert done.stdout == "deleted memories: 1\n"
    assert run("memories", "export", **environment).stdout == ""


def test_a_refusal_is_one_line(environment: dict[str, str]) -> None:
    for action in (["export"], ["stats"], ["forget-all", "--yes"]):
        done = run("memories", *action, **environment | {"PISOVEREIGN_API_KEY": "sk-wrong"})
        assert done.returncode == 4
        assert "Invalid or missing API key" in done.stderr
