"""Which backups stay: the newest of each of the last days, weeks and months that have one.

What counts are days that have a backup, not days of the calendar: whoever was away for a year does
not come back to nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

_NAME = re.compile(r"pisovereign-([0-9a-f]{8})-(\d{8}T\d{6}Z)\.backup")


class Rule(NamedTuple):
    """Of how many days, weeks and months the newest backup stays."""

    daily: int
    weekly: int
    monthly: int


class DatedBackup(NamedTuple):
    """A backup whose name says when it was made, and of which installation."""

    name: str
    key: str
    made_at: dt.datetime


def dated_backup(name: str) -> DatedBackup | None:
    """Read the name of a file; None: it is no backup, or one that somebody named."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        moment = dt.datetime.strptime(found[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return DatedBackup(name, found[1], moment)


def superfluous(
    names: Iterable[str], key: str, rule: Rule, zone: ZoneInfo, protected: Collection[str]
) -> list[str]:
    """Return the backups of an installation that may be deleted, the oldest first.

    Args:
        names: All files of a place; others than backups of this installation are left alone.
        key: The beginning of the installation's key id, as it stands in names.
        rule: What stays.
        zone: Where days begin.
        protected: Names that stay in any case, such as that of the last one known to be good.
    """
    dated = [each for name in names if (each := dated_backup(name)) and each.key == key]
    dated.sort(key=lambda each: each.made_at, reverse=True)
    kept = {each.name for each in dated[:1]} | set(protected)
    periods: tuple[tuple[int, Callable[[dt.datetime], Hashable]], ...] = (
        (rule.daily, lambda local: local.date()),
        (rule.weekly, lambda local: local.isocalendar()[:2]),
        (rule.monthly, lambda local: (local.year, local.month)),
    )
    for count, period in periods:
        seen: set[Hashable] = set()
        for each in dated:
            found = period(each.made_at.astimezone(zone))
            if found not in seen and len(seen) < count:
                seen.add(found)
                kept.add(each.name)
    return [each.name for each in reversed(dated) if each.name not in kept]
