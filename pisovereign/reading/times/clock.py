"""Reading numbers, durations and times of day that are given in words."""

from __future__ import annotations

import re

from pisovereign.languages.patterns import groups_of
from pisovereign.reading.times.expressions import MIDNIGHT_AFTER, Clock
from pisovereign.reading.times.patterns import Groups, TimePatterns

_NOON = Clock(12 * 60, exact=True)
_MIDNIGHT = Clock(MIDNIGHT_AFTER, exact=True)


class AmountParser:
    """Parses what the patterns of a language call a number or a length."""

    def __init__(self, language: TimePatterns) -> None:
        self._language = language
        self._amounts = re.compile(language.amounts)

    def number(self, text: str) -> float:
        """Return a number that is given in digits or words."""
        known = self._language.numbers.get(text.strip())
        return float(text.replace(",", ".")) if known is None else known

    def minutes(self, text: str) -> float:
        """Return a length in minutes: "an hour and a half" is 90."""
        total, last = 0.0, 0.0
        for words, minutes in self._language.lengths.items():
            if text.endswith(words):
                text, total = text.removesuffix(words), minutes
                break
        for amount in self._amounts.finditer(text):
            groups = groups_of(amount)
            if rest := groups.get("rest"):
                total += int(rest)
                continue
            last = self._language.minutes_of(groups["unit"])
            total += self.number(groups["n"]) * last
        return total + (last / 2 if self._language.half_more.search(text) else 0)


class ClockParser:
    """Parses what the patterns of a language call a clock."""

    def __init__(self, language: TimePatterns, amounts: AmountParser) -> None:
        self._pattern = re.compile(language.clock)
        self._language = language
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

    def _relative(self, groups: Groups) -> Clock | None:
        """Parse "half past four", "halb fünf", "quarter to nine" and "zehn nach acht"."""
        # "halb fünf" is half an hour before five, "dreiviertel fünf" a quarter.
        minute = 0
        if "half_before" in groups:
            minute -= 30
        if "three_quarters" in groups:
            minute -= 15
        if "half_past" in groups:
            minute += 30
        if "quarter" in groups and "dir" not in groups:
            minute -= 45
        if "dir" in groups:
            by = 15 if "quarter" in groups else int(self._amounts.number(groups["off"]))
            minute += -by if groups["dir"] in self._language.before else by
        hour = self._hour(groups.get("half_before") or groups.get("half_past") or groups["h"])
        minute += hour * 60
        if groups.keys() & _HALVES:
            if not 1 <= hour <= 12:
                return None
            # "Quarter to twelve pm" is before midnight: the half is that of the time itself.
            return Clock(minute % 720 + (720 if "pm" in groups else 0), exact=True, half=True)
        # An hour above twelve is never ambiguous.
        return Clock(minute % MIDNIGHT_AFTER, exact=hour > 12)

    def _plain(self, groups: Groups) -> Clock | None:
        """Parse "15:30", "3pm", "15 Uhr 30" and "three thirty"."""
        hour = self._hour(groups["h"])
        words = groups.get("mw")
        minute = int(groups.get("m") or (self._amounts.number(words) if words else 0))
        if minute > 59 or hour > 24 or (hour == 24 and minute):
            return None
        if groups.keys() & _HALVES:
            if not 1 <= hour <= 12:
                return None
            later = 720 if "pm" in groups else 0
            return Clock(hour % 12 * 60 + minute + later, exact=True, half=True)
        with_unit, with_minutes = "unit" in groups or "m" in groups, groups.keys() & {"m", "mw"}
        exact = hour > 12 or groups["h"].startswith("0")
        exact = exact or (with_unit and hour >= self._language.exact_from)
        exact = exact or bool(self._language.minutes_exact and with_minutes)
        return Clock(hour * 60 + minute, exact)

    def _hour(self, words: str) -> int:
        known = self._language.hour_words.get(words)
        return int(self._amounts.number(words)) if known is None else known


_HALVES = {"am", "pm"}
_RELATIVE = {"half_before", "half_past", "three_quarters", "quarter", "dir"}
