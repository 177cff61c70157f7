"""The rules and the dashboard ask for series that exist, and their page names all of them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import read
from tests.metrics.scrape import series
from tests.support.patience import PATIENCE_S
from tests.support.programs import required_program
from tests.support.server import Server

FOLDER = Path("docs/monitoring")
NAME = re.compile(r"\b(?:app|http|inference|commands|approvals|memory|cache|backup)_[a-z_]+\b")


def expressions() -> list[str]:
    rules = re.findall(r"expr: (.+)", read(str(FOLDER / "alerts.yml")))
    panels = json.loads(read(str(FOLDER / "dashboard.json")))["panels"]
    return rules + [target["expr"] for panel in panels for target in panel["targets"]]


def test_promtool_accepts_the_rules() -> None:
    promtool = required_program("promtool")
    subprocess.run(
        [promtool, "check", "rules", FOLDER / "alerts.yml"], check=True, timeout=PATIENCE_S
    )


def test_every_alert_can_fire() -> None:
    promtool = required_program("promtool")
    cases = Path("tests/docs/alerts_test.yml")
    done = subprocess.run(
        [promtool, "test", "rules", cases],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    alerts = re.findall(r"- alert: (\w+)", read(str(FOLDER / "alerts.yml")))
    fired = re.findall(r"- alertname: (\w+)\n .*\n +exp_alerts:\n +- exp_labels", read(str(cases)))
    assert sorted(fired) == sorted(alerts)


def test_the_series_that_are_asked_for_exist(server: Server) -> None:
    server.chat("Hello")
    there = {name for name, _ in series(server)}
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(asked) > 10
    assert asked <= there


def test_every_series_is_described(server: Server) -> None:
    text = read(str(FOLDER / "README.md"))
    for name, _ in series(server):
        described = re.sub(r"_(bucket|sum|count)$", "", name)
        # The library that reads the page gives every counter the suffix.
        names = {described, described.removesuffix("_total")}
        assert any(f"`{n}`" in text or f"`{n}{{" in text for n in names), name


@pytest.mark.parametrize("expression", expressions())
def test_labels_have_values_that_exist(server: Server, expression: str) -> None:
    server.chat("Hello")
    there = {value for _, labels in series(server) for _, value in labels}
    asked = re.findall(r'(?:status|kind|state|cache|outcome)=~?"([^"]+)"', expression)
    assert {each for value in asked for each in value.split("|")} <= there
