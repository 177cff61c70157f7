"""A household asks when its bins are collected, and to be reminded before that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.connectors.waste.town import Town, calendar, whole_day
from tests.support.api_process import ApiProcess
from tests.support.server import ADMIN_KEY, Server

SOON = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=5)
YEAR = calendar(
    whole_day(SOON, "Papiertonne", "RRULE:FREQ=WEEKLY;INTERVAL=4;COUNT=3"),
    whole_day(SOON + dt.timedelta(1), "Restmüll"),
    whole_day(SOON + dt.timedelta(1), "Bioabfall"),
)


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[ApiProcess]:
    with Town(YEAR) as town, ApiProcess(server) as running:
        running.request(
            "PUT",
            "/v1/connections/waste",
            key=ADMIN_KEY,
            json={"values": {"url": town.calendar_url}},
        ).raise_for_status()
        yield running


@pytest.mark.parametrize(
    ("conversation", "asked", "other"),
    [
        ("en-other", "when is the paper bin?", "and the trash?"),
        ("de-other", "wann wird die Papiertonne geleert?", "und der Restmüll?"),
        ("fr-other", "quand passe la poubelle de papier ?", "et les ordures ?"),
    ],
)
def test_another_one_is_asked_for(
    api: ApiProcess, conversation: str, asked: str, other: str
) -> None:
    api.chat(asked, conversation_id=conversation)
    told = api.chat(other, conversation_id=conversation)["content"]
    assert "Restmüll" in told
    assert "Papiertonne" not in told


@pytest.mark.parametrize(
    ("conversation", "asked", "before", "hour"),
    [
        ("en", "when is the paper bin?", "remind me the evening before", 19),
        ("de", "wann wird die Papiertonne geleert?", "erinner mich am Vorabend um 20 Uhr", 20),
        ("fr", "quand passe la poubelle de papier ?", "rappelle-moi la veille au soir", 19),
    ],
)
def test_a_bin_is_asked_for_and_reminded_of(
    api: ApiProcess, conversation: str, asked: str, before: str, hour: int
) -> None:
    told = api.chat(asked, conversation_id=conversation)
    assert "Papiertonne" in told["content"]
    made = api.chat(before, conversation_id=conversation)["command"]["result"]
    evening = dt.datetime.combine(SOON - dt.timedelta(1), dt.time(hour), dt.UTC)
    assert made["title"] == "Papiertonne"
    assert dt.datetime.fromisoformat(made["remind_at"]) == evening
