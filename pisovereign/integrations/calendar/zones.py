"""Time zones of events, by whatever name their programs gave them.

A name that is known means that zone, whatever rules the file has beside it: Outlook's are from the
year 1601 and know one rule for all years. Only unknown names are taken from the file.
"""

from __future__ import annotations

import zoneinfo
from datetime import tzinfo

from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from icalendar.timezone.zoneinfo import ZONEINFO

_UTC = frozenset(("utc", "gmt", "z", "tzone://microsoft/utc", "(utc) coordinated universal time"))
_LONGEST_NAME = 200


class KnownZones(ZONEINFO):
    """icalendar's zones, with Windows' names and those of other programs."""

    def timezone(self, name: str) -> tzinfo | None:
        """The zone of that name; None: unknown."""
        return find_zone(name)

    def knows_timezone_id(self, tzid: str) -> bool:
        """Whether the rules in the file are not needed."""
        return find_zone(tzid) is not None


def forget_zones() -> None:
    """Start anew: names that only one file explains mean nothing in the next."""
    tzp.use(KnownZones())


def find_zone(name: str) -> tzinfo | None:
    """The zone that a TZID names; None: it is known nowhere."""
    if len(name) > _LONGEST_NAME:
        return None
    plain = name.strip().strip('"').strip("/")
    if plain.lower() in _UTC:
        return zoneinfo.ZoneInfo("UTC")
    if (zone := _zone(WINDOWS_TO_OLSON.get(plain, plain))) is not None:
        return zone
    # "/freeassociation.sourceforge.net/Europe/Berlin", as Evolution and Thunderbird write it.
    parts = plain.split("/")
    ends = ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
    return next((zone for end in ends if (zone := _zone(end)) is not None), None)


def _zone(key: str) -> tzinfo | None:
    try:
        return zoneinfo.ZoneInfo(key)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None  # OSError: the name of a folder
