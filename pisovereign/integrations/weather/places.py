"""From what somebody calls a place to where it is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pisovereign.errors import ValidationFailed
from pisovereign.integrations.weather.wire import Found

# A namesake counts only if it is not much smaller: "Paris" is not the one in Texas.
_MUCH_LARGER = 5
# Within about 50 km it is the same place, listed twice.
_SAME_PLACE_DEGREES = 0.5
_SHOWN = 5


class Place(msgspec.Struct, frozen=True):
    """Where something is, and how it is called."""

    name: str
    latitude: float
    longitude: float


def split_name(text: str) -> tuple[str, str]:
    """A name, and the region or country behind a comma: `Springfield, Illinois`."""
    name, _, region = text.partition(",")
    return " ".join(name.split()), " ".join(region.split())


def choose(text: str, found: Sequence[Found]) -> Place:
    """The place that is meant.

    Raises:
        ValidationFailed: there is none, or more than one that could be meant.
    """
    _, region = split_name(text)
    towns = [place for place in found if place.feature_code.startswith("PPL")] or list(found)
    candidates = [place for place in towns if _in_region(place, region)] if region else towns
    if not candidates:
        raise _refused("is not a place that the weather service knows")
    best = candidates[0]
    rivals = [place for place in candidates[1:] if _rivals(place, best)]
    if rivals:
        listed = "; ".join(_described(place) for place in [best, *rivals][:_SHOWN])
        raise _refused(
            f"could be any of several places ({listed}); "
            f"add a region or country, as in {best.name}, {best.admin1 or best.country}"
        )
    return Place(_described(best) if region else best.name, best.latitude, best.longitude)


def _in_region(place: Found, region: str) -> bool:
    wanted = [part.strip().casefold() for part in region.split(",") if part.strip()]
    known = {text.casefold() for text in (place.admin1, place.country, place.country_code) if text}
    return all(part in known for part in wanted)


def _rivals(place: Found, best: Found) -> bool:
    return (
        place.name.casefold() == best.name.casefold()
        and place.population * _MUCH_LARGER > best.population
        and not _near(place, best)
    )


def _near(one: Found, other: Found) -> bool:
    return (
        abs(one.latitude - other.latitude) < _SAME_PLACE_DEGREES
        and abs(one.longitude - other.longitude) < _SAME_PLACE_DEGREES
    )


def _described(place: Found) -> str:
    return ", ".join(dict.fromkeys(t for t in (place.name, place.admin1, place.country) if t))


def _refused(error: str) -> ValidationFailed:
    return ValidationFailed([{"field": "location", "error": error}])
