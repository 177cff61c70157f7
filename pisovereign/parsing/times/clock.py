"""Reading numbers, durations and times of day that are given in words."""

from __future__ import annotations

import re

from pisovereign.parsing.times.expressions import MIDNIGHT_AFTER, Clock
from pisovereign.parsing.times.patterns import Groups, TimePatterns, groups_of

_NOON = Clock(12 * 60, exact=True)
_MIDNIGHT = Clock(MIDNIGHT_AFTER, exact=True)
_HALF_MORE = re.compile(r"\band a half$")


class AmountParser:
    """Parses what the patterns of a language call a number or a length."""

    def __init__(self, language: TimePatterns) -> None:
        self._numbers = language.numbers
        self._units = language.units
        self._quarters = language.quarters
        self._amounts = re.compile(language.amounts)

    def number(self, text: str) -> float:
        """Return a number that is given in digits or words."""
        known = self._numbers.get(text.strip())
        return float(text.replace(",", ".")) if known is None else known

    def minutes(self, text: str) -> float:
        """Return a length in minutes: "an hour and a half" is 90."""
        total, last = 0.0, 0
        for words, minutes in self._quarters.items():
            if text.endswith(words):
                text, total = text.removesuffix(words), minutes
                break
        for amount in self._amounts.finditer(text):
            if amount["rest"]:
                total += int(amount["rest"])
                continue
            last = self._units[amount["unit"][0]]
            total += self.number(amount["n"]) * last
        return total + (last / 2 if _HALF_MORE.search(text) else 0)


class ClockParser:
    """Parses what the patterns of a language call a clock."""

    def __init__(self, language: TimePatterns, amounts: AmountParser) -> None:
        self._pattern = re.compile(language.clock)
        self._before = language.before
        self._exact_from = language.exact_from
        self._minutes_exact = language.minutes_exact
        self._amounts = amounts

    def parse(self, text: str) -> Clock | None:
        """Return the time of day; None if there is no such time, as 25:00."""
        match = self._pattern.fullmatch(text.strip())
        if match is None:
            return None
        groups = groups_of(match)
        if groups.get("noon"):
            return _NOON
        if groups.get("midnight"):
            return _MIDNIGHT
        return self._relative(groups) if groups.keys() & _RELATIVE else self._plain(groups)

    def _relative(self, groups: Groups) -> Clock:
        """Parse "half past four", "halb fünf", "quarter to nine" and "zehn nach acht"."""
        # "halb fünf" is half an hour before five, "dreiviertel fünf" a quarter.
        minute = 0
        if "halb" in groups:
            minute -= 30
        if "three" in groups:
            minute -= 15
        if "half" in groups:
            minute += 30
        if "quarter" in groups and "dir" not in groups:
            minute -= 45
        if "dir" in groups:
            by = 15 if "quarter" in groups else int(self._amounts.number(groups["off"]))
            minute += -by if groups["dir"] in self._before else by
        hour = int(self._amounts.number(groups.get("halb") or groups.get("half") or groups["h"]))
        minute += hour * 60
        # An hour above twelve is never ambiguous.
        return Clock(minute % MIDNIGHT_AFTER, exact=hour > 12)

    def _plain(self, groups: Groups) -> Clock | None:
        """Parse "15:30", "3pm", "15 Uhr 30" and "three thirty"."""
        hour = int(self._amounts.number(groups["h"]))
        words = groups.get("mw")
        minute = int(groups.get("m") or (self._amounts.number(words) if words else 0))
        if minute > 59 or hour > 24 or (hour == 24 and minute):
            return None
        if half := groups.get("ap"):
            if not 1 <= hour <= 12:
                return None
            later = 720 if half[0] == "p" else 0
            return Clock(hour % 12 * 60 + minute + later, exact=True, half=True)
        with_unit = "uhr" in groups or "m" in groups
        exact = hour > 12 or groups["h"].startswith("0") or (with_unit and hour >= self._exact_from)
        exact = exact or (self._minutes_exact and ("m" in groups or "mw" in groups))
        return Clock(hour * 60 + minute, exact)


_RELATIVE = {"halb", "half", "three", "quarter", "dir"}
