"""The time zone of a place by its name."""

from __future__ import annotations

import functools
import zoneinfo
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.words import caseless

# Not places, but other names of zones.
_NO_CONTINENT = ("Etc", "SystemV", "US", "posix", "right")


def zone_of(place: str) -> ZoneInfo | None:
    """Return the time zone of a city, country or zone by a name in any language; None: unknown."""
    name = _form(place)
    found = _named().get(name)
    if found is None and "," in place:
        found = _named().get(_form(place.partition(",")[0]))
    return None if found is None else ZoneInfo(found)


def zone_named(name: str) -> ZoneInfo | None:
    """Return a zone by its key, such as `Europe/Berlin`; None: there is none."""
    return ZoneInfo(name) if name in zoneinfo.available_timezones() else None


@functools.cache
def _named() -> dict[str, str]:
    """Return the keys of zones by the names of places, which the data of languages overrides."""
    keys = sorted(zoneinfo.available_timezones())
    named = {
        _form(key.rpartition("/")[2]): key
        for key in keys
        if "/" in key and not key.startswith(_NO_CONTINENT)
    }
    for language in LANGUAGES:
        zones = msgspec.convert(load_data(language, "places"), dict[str, dict[str, list[str]]])
        for key, names in zones["zones"].items():
            named.update((_form(name), key) for name in names)
    return named


def _form(name: str) -> str:
    return " ".join(caseless(name).replace("_", " ").replace("-", " ").replace(".", " ").split())
