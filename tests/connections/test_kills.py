"""A connection is saved or it is not, whatever is killed meanwhile; what is saved is used."""

from __future__ import annotations

import contextlib
import threading

import requests

from tests.connections.conftest import Household
from tests.connections.test_connections import applied, calendar, calendar_applied


def test_what_was_saved_survives_a_power_cut(household: Household) -> None:
    household.ask("PUT", "calendar", **calendar(household)).raise_for_status()
    household.server.kill_everything()
    household.server.start()
    calendar_applied(household)
    assert household.ask("GET", "calendar").json()["source"] == "saved"


def test_killed_while_it_is_saved(household: Household) -> None:
    """Between storing and using it, or before, or after."""
    for place, pause_s in (("Berlin", 0.0), ("Bonn", 0.01), ("Köln", 0.03)):
        answers: list[int] = []

        def save(place: str = place, answers: list[int] = answers) -> None:
            with contextlib.suppress(requests.RequestException):
                answers.append(household.ask("PUT", "weather", location=place).status_code)

        before = household.ask("GET", "weather").json()["values"].get("location")
        saving = threading.Thread(target=save)
        saving.start()
        saving.join(pause_s)
        household.server.kill_everything()
        saving.join()
        household.server.start()
        now = household.ask("GET", "weather").json()["values"].get("location")
        assert now == place if answers else now in (before, place)
        applied(household, "weather", 200 if now else 503)
