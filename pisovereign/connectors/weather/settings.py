"""Settings of `weather`: the weather."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class WeatherConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The weather, from Open-Meteo. Without a place it is asked only for those that are named."""

    location: Annotated[
        str, setting("The place, such as `Berlin` or `Springfield, Illinois`.", max_length=200)
    ] = ""
    latitude: Annotated[
        float | None,
        setting(
            "Latitude of the place, -90 to 90; with both coordinates, the name is not looked up.",
            rules.latitude,
        ),
    ] = None
    longitude: Annotated[
        float | None, setting("Longitude of the place, -180 to 180.", rules.longitude)
    ] = None
    base_url: Annotated[
        str, setting("The forecast service, or one of your own that speaks its API.", rules.server)
    ] = "https://api.open-meteo.com/v1"
    geocoding_url: Annotated[str, setting("The service that finds places.", rules.server)] = (
        "https://geocoding-api.open-meteo.com/v1"
    )
    cache_minutes: Annotated[
        int, setting("How long a response is reused, in minutes.", ge=1, le=1440)
    ] = 30
    timeout_s: Annotated[
        float, setting("Longest wait for a response, in seconds.", ge=0.1, le=60)
    ] = 4.0
