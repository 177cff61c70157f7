"""Weather in words."""

from __future__ import annotations

import pytest

from pisovereign.connectors.weather.descriptions import describe_now, describe_today


@pytest.mark.parametrize(
    ("temperature", "code", "english", "german"),
    [
        (15.2, 2, "15°C, partly cloudy", "15°C, teils bewölkt"),
        (-0.4, 71, "0°C, light snow", "0°C, leichter Schneefall"),
        (-7.5, 99, "-8°C, thunderstorm with heavy hail", "-8°C, Gewitter mit starkem Hagel"),
        (30.0, 0.0, "30°C, clear", "30°C, klar"),
        (3.0, None, "3°C", "3°C"),
        (3.0, 4, "3°C", "3°C"),
    ],
)
def test_now(temperature: float, code: float | None, english: str, german: str) -> None:
    assert (describe_now(temperature, code, "en"), describe_now(temperature, code, "de")) == (
        english,
        german,
    )


def test_today() -> None:
    assert describe_today(-3.2, 4.4, 45, "en") == "-3 to 4°C, fog"
    assert describe_today(-3.2, 4.4, 45, "de") == "-3 bis 4°C, Nebel"
    assert describe_today(None, 4.4, 45, "en") is None
