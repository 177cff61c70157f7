"""`pisovereign-cli reminders` as a person runs it."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from tests.cli.test_commands import run
from tests.support.server import ALICE_KEY, Server


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    return {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY, "TZ": "Europe/Berlin"}


def test_a_reminder_from_its_start_to_its_end(environment: dict[str, str]) -> None:
    title = f"Opal {uuid.uuid4().hex}"
    made = run("reminders", "add", title, "--at", "2099-12-24 18:00", **environment)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0].split() == ["id", "when", "status", "repeat", "what"]
    one, day, time, status, *words = made.stdout.splitlines()[1].split()
    assert (day, time, status) == ("2099-12-24", "18:00", "scheduled")
    assert " ".join(words) == title
    stored = json.loads(run("reminders", "show", one, "--json", **environment).stdout)
    assert stored["remind_at"] == "2099-12-24T17:00:00Z"
    moved = run("reminders", "move", one, "--at", "2099-12-24T09:00+00:00", **environment)
    assert "2099-12-24 10:00" in moved.stdout
    snoozed = run("reminders", "snooze", one, "--minutes", "30", **environment)
    assert "2099-12-24 10:30" in snoozed.stdout
    listing = run("reminders", "list", "--limit", "500", **environment).stdout
    assert any(line.startswith(one) for line in listing.splitlines())
    assert run("reminders", "done", one, **environment).stdout == "done\n"
    open_ones = json.loads(
        run("reminders", "list", "--limit", "500", "--json", **environment).stdout
    )
    assert one not in {each["id"] for each in open_ones}
    assert run("reminders", "delete", one, **environment).stdout == "deleted\n"
    assert run("reminders", "show", one, **environment).returncode == 5


@pytest.mark.parametrize("when", [("--in", "90"), ("--at", "00:00"), ("--at", "23:59")])
def test_times_without_a_day_are_the_next_ones(
    environment: dict[str, str], when: tuple[str, str]
) -> None:
    before = dt.datetime.now(dt.UTC)
    made = run("reminders", "add", "Opal", *when, "--repeat", "daily", "--json", **environment)
    reminder = json.loads(made.stdout)
    run("reminders", "delete", reminder["id"], **environment)
    at = dt.datetime.fromisoformat(reminder["remind_at"])
    # A day on which the clocks are put back has an hour more.
    assert before < at <= before + dt.timedelta(hours=26)
    assert reminder["repeat"] == "daily"


@pytest.mark.parametrize("when", ["noon", "25:00", "2099-13-01 10:00"])
def test_what_is_no_time_is_one_line(environment: dict[str, str], when: str) -> None:
    done = run("reminders", "add", "Opal", "--at", when, **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pisovereign-cli: that is no time; write it as 18:30")
    assert len(done.stderr.splitlines()) == 1
