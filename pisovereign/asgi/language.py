"""Which of the two languages a client would rather have."""

from __future__ import annotations

import re
from typing import Literal

_RANGE = re.compile(r"\s*(en|de)(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)
_LONGEST = 1000


def accepted_language(header: str | None) -> Literal["en", "de"]:
    """The one that an `Accept-Language` header weighs more, of equals the first; else English."""
    ranges = [_RANGE.fullmatch(part) for part in (header or "")[:_LONGEST].split(",")]
    wanted = [(float(r[2] or 1), r[1].lower()) for r in ranges if r]
    weight, language = max(wanted, key=lambda pair: pair[0], default=(0.0, "en"))
    return "de" if weight and language == "de" else "en"
