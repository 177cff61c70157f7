"""Zones are found by the names that programs give them."""

from __future__ import annotations

import pytest

from pisovereign.integrations.calendar.zones import find_zone


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ('"Pacific Standard Time"', "America/Los_Angeles"),
        ("/Europe/Paris", "Europe/Paris"),
        ("/freeassociation.sourceforge.net/Asia/Tokyo", "Asia/Tokyo"),
        (
            "/softwarestudio.org/Tzfile/America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
        ("GMT", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("(UTC) Coordinated Universal Time", "UTC"),
    ],
)
def test_known_names(name: str, zone: str) -> None:
    assert str(find_zone(name)) == zone


@pytest.mark.parametrize(
    "name",
    ["", "/", "Europe", "Customized Time Zone", "../../etc/passwd", "a\0b", "Ä" * 300, "x/" * 5000],
)
def test_others_are_unknown(name: str) -> None:
    assert find_zone(name) is None
