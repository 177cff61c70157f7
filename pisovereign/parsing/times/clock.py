"""A time of day in words."""

from __future__ import annotations

import re

from pisovereign.parsing.times.groups import Groups, groups_of
from pisovereign.parsing.times.language import TimeLanguage
from pisovereign.parsing.times.length import LengthReader
from pisovereign.parsing.times.pieces import MIDNIGHT_AFTER, Clock

_NOON = Clock(12 * 60, exact=True)
_MIDNIGHT = Clock(MIDNIGHT_AFTER, exact=True)


class ClockReader:
    """Reads what the patterns of a language call a clock."""

    def __init__(self, language: TimeLanguage, lengths: LengthReader) -> None:
        self._pattern = re.compile(language.clock)
        self._before = language.before
        self._exact_from = language.exact_from
        self._minutes_exact = language.minutes_exact
        self._lengths = lengths

    def read(self, text: str) -> Clock | None:
        """The time of day; None when there is none such, as 25:00."""
        match = self._pattern.fullmatch(text.strip())
        if match is None:
            return None
        said = groups_of(match)
        if said.get("noon"):
            return _NOON
        if said.get("midnight"):
            return _MIDNIGHT
        return self._relative(said) if said.keys() & _RELATIVE else self._plain(said)

    def _relative(self, said: Groups) -> Clock:
        """Half past four, halb fünf, quarter to nine, zehn nach acht."""
        # "halb fünf" is half an hour before five, "dreiviertel fünf" a quarter.
        minute = 0
        if "halb" in said:
            minute -= 30
        if "three" in said:
            minute -= 15
        if "half" in said:
            minute += 30
        if "quarter" in said and "dir" not in said:
            minute -= 45
        if "dir" in said:
            by = 15 if "quarter" in said else int(self._lengths.number(said["off"]))
            minute += -by if said["dir"] in self._before else by
        hour = int(self._lengths.number(said.get("halb") or said.get("half") or said["h"]))
        minute += hour * 60
        # Said with an hour above twelve there is nothing to doubt.
        return Clock(minute % MIDNIGHT_AFTER, exact=hour > 12)

    def _plain(self, said: Groups) -> Clock | None:
        """15:30, 3pm, 15 Uhr 30, three thirty."""
        hour = int(self._lengths.number(said["h"]))
        words = said.get("mw")
        minute = int(said.get("m") or (self._lengths.number(words) if words else 0))
        if minute > 59 or hour > 24 or (hour == 24 and minute):
            return None
        if half := said.get("ap"):
            if not 1 <= hour <= 12:
                return None
            later = 720 if half[0] == "p" else 0
            return Clock(hour % 12 * 60 + minute + later, exact=True, half=True)
        told = "uhr" in said or "m" in said
        exact = hour > 12 or said["h"].startswith("0") or (told and hour >= self._exact_from)
        exact = exact or (self._minutes_exact and ("m" in said or "mw" in said))
        return Clock(hour * 60 + minute, exact)


_RELATIVE = {"halb", "half", "three", "quarter", "dir"}
