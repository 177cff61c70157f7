"""What is kept for a while, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pisovereign.cache.metrics import CacheMetrics
from pisovereign.cache.store import Cache, Region
from pisovereign.config import CacheConfig
from pisovereign.engine_client.answer_cache import KeptAnswer, answer_size
from pisovereign.engine_client.encoder import DIMENSIONS
from pisovereign.integrations.weather.source import KEEP_PLACES_S, KEEP_WEATHER_S

if TYPE_CHECKING:
    from array import array

    from pisovereign.cache.refreshing import CachedValue
    from pisovereign.integrations.weather.open_meteo import Forecast
    from pisovereign.integrations.weather.source import Place

_WEATHER_BYTES = 1500
_PLACE_BYTES = 500


class Regions:
    """The kinds of values, in one cache."""

    def __init__(self, config: CacheConfig, meter: CacheMetrics) -> None:
        cache = Cache(config.bytes, config.entries, meter)
        self.answers: Region[KeptAnswer] = Region(cache, "answers", config.answers_s, answer_size)
        self.embeddings: Region[array[float]] = Region(
            cache, "embeddings", config.embeddings_s, lambda _: DIMENSIONS * 4
        )
        self.weather: Region[CachedValue[Forecast]] = Region(
            cache, "weather", KEEP_WEATHER_S, lambda _: _WEATHER_BYTES
        )
        self.places: Region[CachedValue[Place]] = Region(
            cache, "places", KEEP_PLACES_S, lambda _: _PLACE_BYTES
        )
