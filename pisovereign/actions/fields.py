"""Fields that several actions have."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import Meta

from pisovereign.validation import no_nul, not_blank

Title = Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]
Label = Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]
EventId = Annotated[str, Meta(min_length=1, max_length=2000, extra={"rules": (no_nul,)})]
Days = Annotated[int, Meta(ge=1, le=366)]
Place = Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]


def _in_range(value: dt.datetime) -> str | None:
    return None if 1970 < value.year < 2200 else "must be a time between 1971 and 2199"


Moment = Annotated[dt.datetime, Meta(tz=True, extra={"rules": (_in_range,)})]
