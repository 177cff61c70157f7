"""Weather in words."""

from __future__ import annotations

from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages


def describe_now(temperature_c: float, code: float | None, language: Language) -> str:
    """Return `15°C, partly cloudy`; without words for an unknown code."""
    words = load_messages(language, "weather")
    return _describe(words.say("now", degrees=round(temperature_c)), code, language)


def describe_today(
    low_c: float | None, high_c: float | None, code: float | None, language: Language
) -> str | None:
    """Return `8 to 17°C, rain showers`; None when the temperatures are unknown."""
    if low_c is None or high_c is None:
        return None
    words = load_messages(language, "weather")
    return _describe(words.say("today", low=round(low_c), high=round(high_c)), code, language)


def _describe(temperature: str, code: float | None, language: Language) -> str:
    words = load_messages(language, "weather").texts
    condition = words.get(str(int(code))) if code is not None else None
    return f"{temperature}, {condition}" if condition else temperature
