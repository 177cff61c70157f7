"""What words say about the time of day."""

from __future__ import annotations

import re

from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.times.hours import Hint


class Hints:
    """Breakfast is in the morning, dinner in the evening."""

    def __init__(self, phrases: Phrases) -> None:
        self._mornings = re.compile(phrases.mornings)
        self._evenings = re.compile(phrases.evenings)

    def of(self, plain: str) -> Hint:
        """The hint that a sentence in small letters gives."""
        if self._evenings.search(plain):
            return Hint.EVENING
        return Hint.MORNING if self._mornings.search(plain) else Hint.NONE
