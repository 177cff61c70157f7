"""What may be said of the waste collection, on the page and in the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from pisovereign.connectors.registry import CONNECTORS
from pisovereign.connectors.waste.settings import WasteConfig, https_of
from pisovereign.net.hosts import AllowedHost
from tests.connectors.waste.town import calendar

(WASTE,) = (each for each in CONNECTORS if each.kind.name == "waste")
EMPTY = calendar()


@pytest.mark.parametrize(
    ("values", "field", "error"),
    [
        ({}, "url", "is required"),
        ({"url": "https://town.example/a.ics", "file": EMPTY}, "file", "without an address"),
        ({"url": "ftp://town.example/"}, "url", "not a plain http or https URL"),
        ({"file": "<html>"}, "file", "must be a calendar in iCalendar format"),
        ({"file": EMPTY + "x" * 256 * 1024}, "file", "262144"),
        ({"file": EMPTY, "refresh_hours": 0}, "refresh_hours", "1"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, Any], field: str, error: str) -> None:
    _, errors = WASTE.kind.read(WasteConfig(), values)
    (found,) = errors
    assert found["field"] == f"values.{field}"
    assert error in found["error"]


@pytest.mark.parametrize("values", [{"url": "webcal://town.example/a.ics"}, {"file": EMPTY}])
def test_an_address_or_a_file(values: dict[str, str]) -> None:
    section, errors = WASTE.kind.read(WasteConfig(), values)
    assert errors == []
    assert WASTE.kind.is_set(section)


def test_webcal_is_https() -> None:
    section = WasteConfig(url="webcal://town.example/a.ics?street=3")
    assert https_of(section.url) == "https://town.example/a.ics?street=3"
    assert WASTE.kind.named_hosts(section) == [AllowedHost("town.example", 443)]


def test_the_configuration_has_one_of_them() -> None:
    both = WasteConfig(url="https://town.example/a.ics", file=EMPTY)
    assert WASTE.fault(both) == {
        "field": "waste.file",
        "error": "and waste.url are not set together",
    }
    assert WASTE.fault(WasteConfig(file=EMPTY)) is None
