"""What the readers of single phrases are given."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pisovereign.parsing.times.clock import ClockReader
from pisovereign.parsing.times.dates import DateReader
from pisovereign.parsing.times.language import TimeLanguage
from pisovereign.parsing.times.length import LengthReader


class Context(NamedTuple):
    """The language with its readers, and when and where something was said."""

    language: TimeLanguage
    clocks: ClockReader
    lengths: LengthReader
    dates: DateReader
    today: dt.date
    zone: ZoneInfo
