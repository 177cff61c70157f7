"""When backups are good, and when somebody has to see to them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pisovereign.backup.health import Status, is_bad, place_health, whole_health
from pisovereign.backup.place_store import PlaceState
from pisovereign.backup.timer import cron_expression
from pisovereign.backup.warnings import BackupWarning, Reason, warning_text
from pisovereign.config import BackupConfig
from pisovereign.config.cron import CronTimes
from pisovereign.languages import LANGUAGES

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


def ago(**past: float) -> dt.datetime:
    return NOW - dt.timedelta(**past)


@pytest.mark.parametrize(
    ("known", "schedule", "since", "status"),
    [
        ({}, "never", None, "off"),
        ({}, "daily", ago(hours=1), "waiting"),
        ({}, "daily", ago(days=3), "old"),
        ({"good_at": ago(hours=30)}, "daily", ago(days=90), "good"),
        ({"good_at": ago(days=3)}, "daily", ago(days=90), "old"),
        ({"good_at": ago(days=3)}, "weekly", ago(days=90), "good"),
        ({"good_at": ago(days=10)}, "weekly", ago(days=90), "old"),
        # Switched on yesterday, after a long time without.
        ({"good_at": ago(days=300)}, "daily", ago(days=1), "waiting"),
        ({"good_at": ago(days=300)}, "never", None, "good"),
        ({"good_at": ago(hours=30), "failed_at": ago(hours=6)}, "daily", ago(days=9), "failing"),
        ({"failed_at": ago(hours=6)}, "never", None, "failing"),
    ],
)
def test_the_state_of_a_place(
    known: dict[str, Any], schedule: str, since: dt.datetime | None, status: Status
) -> None:
    assert place_health(PlaceState(place="s3", **known), schedule, since, NOW).status == status


def test_the_worst_place_counts() -> None:
    known = {
        "s3": PlaceState(place="s3", good_at=ago(hours=3)),
        "webdav": PlaceState(place="webdav", good_at=ago(days=4)),
        "stick": PlaceState(place="stick", good_at=ago(hours=2)),  # not connected any more
    }
    places = [place_health(known[name], "daily", ago(days=9), NOW) for name in ("s3", "webdav")]
    health = whole_health(places, known, "daily")
    assert (health.status, health.last_good_at) == ("old", ago(hours=2))
    assert is_bad(health.status)
    assert whole_health(places[:1], known, "daily").status == "good"
    assert whole_health([], known, "weekly").status == "nowhere"
    assert whole_health(places, known, "never").status == "off"


def test_the_hour_is_that_of_the_household() -> None:
    zone = ZoneInfo("Europe/Berlin")
    daily = CronTimes(cron_expression(BackupConfig(schedule="daily", hour=3)), zone)
    assert daily.next(NOW) == dt.datetime(2026, 11, 28, 2, tzinfo=dt.UTC)
    sunday = BackupConfig(schedule="weekly", weekday="sunday", hour=23)
    weekly = CronTimes(cron_expression(sunday), zone)
    assert weekly.next(NOW) == dt.datetime(2026, 11, 29, 22, tzinfo=dt.UTC)
    assert cron_expression(BackupConfig()) == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["failed", "old", "nowhere"])
@pytest.mark.parametrize("last", [None, NOW])
def test_warnings_are_sentences(language: str, reason: Reason, last: dt.datetime | None) -> None:
    place = "nowhere" if reason == "nowhere" else "webdav"
    warning = BackupWarning(place=place, reason=reason, error="it is full", last_good_at=last)
    text = warning_text(language, warning)
    assert ("it is full" in text) is (reason == "failed")
    assert ("WebDAV" in text) is (place == "webdav")
    assert ("2026-11-27" in text) is (last is not None)
    assert "{" not in text
