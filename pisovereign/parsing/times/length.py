"""Numbers and lengths of time in words."""

from __future__ import annotations

import re

from pisovereign.parsing.times.language import TimeLanguage

_HALF_MORE = re.compile(r"\band a half$")


class LengthReader:
    """Reads what the patterns of a language call a number, or a length."""

    def __init__(self, language: TimeLanguage) -> None:
        self._numbers = language.numbers
        self._units = language.units
        self._quarters = language.quarters
        self._amounts = re.compile(language.amounts)

    def number(self, text: str) -> float:
        """A number in digits or words."""
        known = self._numbers.get(text.strip())
        return float(text.replace(",", ".")) if known is None else known

    def minutes(self, text: str) -> float:
        """A length in minutes: "an hour and a half" is 90."""
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
