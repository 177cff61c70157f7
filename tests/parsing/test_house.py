"""What is said of a house: an order, or something about what was, will or shall not be done."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions.types import Command, ControlHome
from pisovereign.connectors.home_assistant.types import Area, House, Thing
from tests.parsing.support import message
from tests.support.rules import rules

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 11, 10, 20, tzinfo=BERLIN)
KITCHEN = Area("kitchen", "Kitchen", ("Küche", "cuisine"))
HOUSE = House(
    (
        Thing(id="light.ceiling", kind="light", name="Ceiling", state="off", area=KITCHEN),
        Thing(id="light.hall", kind="light", name="Hall lamp", state="off"),
    ),
    (KITCHEN,),
)
IN_THE_KITCHEN = ControlHome(action="turn_on", areas=("Kitchen",), kind="light")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Mach Licht in der Küche", IN_THE_KITCHEN),
        ("Mach bitte Licht in der Küche!", IN_THE_KITCHEN),
        ("Kitchen light on", IN_THE_KITCHEN),
        (
            "Turn on the light in the cellar",
            ControlHome(action="turn_on", names=("the light in the cellar",)),
        ),
        (
            "Mach das Licht im Keller an",
            ControlHome(action="turn_on", names=("das licht im keller",)),
        ),
        ("Do not turn on the hall lamp", None),
        ("Never turn on the hall lamp", None),
        ("I turned off the hall lamp", None),
        ("Don't forget to turn off the light", None),
        ("Vergiss nicht, das Licht auszumachen", None),
        ("N'allume jamais la lampe de la cuisine", None),
        ("Mach mir Licht ins Dunkel der Steuern", None),
    ],
)
def test_only_an_order_is_one(said: str, meant: Command | None) -> None:
    parsed = rules().at_home(message(said), HOUSE)
    assert (None if parsed is None else parsed.command) == meant
