"""Questions that the clock and the calendar of the year answer."""

from __future__ import annotations

from typing import Literal

import msgspec

from pisovereign.actions.fields import Moment, Place

About = Literal["time", "date", "weekday", "week", "days_until", "time_until", "day_of"]


class DateTimeQuestion(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Ask about now or about `moment`, here or in the time zone of `location`.

    `day_of` asks which day a moment is: its full date.
    """

    about: About
    moment: Moment | None = None
    location: Place | None = None
