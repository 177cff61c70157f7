"""`pisovereign-cli command` as a person runs it."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.test_commands import run
from tests.support.server import ALICE_KEY, Server


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    return {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY, "LC_ALL": "C.UTF-8"}


def test_run_prints_words(environment: dict[str, str]) -> None:
    done = run("command", "run", "briefing", **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Reminders: ")
    german = run("command", "run", "briefing", **environment | {"LC_ALL": "de_DE.UTF-8"})
    assert german.stdout.startswith("Erinnerungen: ")


def test_run_prints_the_answer_itself(environment: dict[str, str]) -> None:
    answer = json.loads(run("command", "run", "briefing", "--json", **environment).stdout)
    assert answer["command"] == "MorningBriefing"


def test_list(environment: dict[str, str]) -> None:
    lines = run("command", "list", **environment).stdout.splitlines()
    assert lines[0].split() == ["command", "arguments", "what", "it", "does"]
    assert any(line.startswith("briefing  ") for line in lines)
    assert any(re.match(r"reminders +\[kind\] \[start\] \[days\]  ", line) for line in lines)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["wether"], "command is not a known command; did you mean weather?"),
        (["calendar", "days=0"], "args.days must be between 1 and 366"),
        (["weather"], "The weather is not configured: set weather.location"),
        (["calendar", "days"], "'days' is not an argument; write name=value"),
    ],
)
def test_a_refusal_is_one_line(
    environment: dict[str, str], arguments: list[str], told: str
) -> None:
    done = run("command", "run", *arguments, **environment)
    assert done.returncode == 1
    assert done.stderr == f"pisovereign-cli: {told}\n"
