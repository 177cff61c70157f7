"""The weather, from Open-Meteo."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of, required
from pisovereign.connectors.weather.settings import WeatherConfig
from pisovereign.errors import FieldError


def _has_place(section: WeatherConfig) -> bool:
    return bool(section.location) or section.latitude is not None


def _problems(section: WeatherConfig) -> list[FieldError]:
    if (section.latitude is None) != (section.longitude is None):
        missing = "latitude" if section.latitude is None else "longitude"
        return [{"field": f"values.{missing}", "error": "is only left out together with the other"}]
    return [] if _has_place(section) else [required("location")]


def _fault(section: WeatherConfig) -> FieldError | None:
    if (section.latitude is None) != (section.longitude is None):
        error = "and weather.longitude are only set together"
        return {"field": "weather.latitude", "error": error}
    return None


CONNECTOR = Connector(
    kind=ConnectionKind(
        name="weather",
        section="weather",
        personal=False,
        fields=(
            FieldSpec("location", placeholder="Berlin"),
            FieldSpec("latitude", "decimal", advanced=True, placeholder="52.52"),
            FieldSpec("longitude", "decimal", advanced=True, placeholder="13.41"),
        ),
        is_set=_has_place,
        problems=_problems,
        hosts=lambda section: hosts_of(section.base_url, section.geocoding_url),
    ),
    settings=WeatherConfig,
    module="pisovereign.connectors.weather.connected",
    fault=_fault,
)
