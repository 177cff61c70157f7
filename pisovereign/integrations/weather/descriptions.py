"""Weather in words, English and German."""

from __future__ import annotations

from pisovereign.languages import Language

# The WMO's codes of present weather (table 4677), as far as Open-Meteo uses them.
_WORDS: dict[int, tuple[str, str]] = {
    0: ("clear", "klar"),
    1: ("mostly clear", "überwiegend klar"),
    2: ("partly cloudy", "teils bewölkt"),
    3: ("overcast", "bedeckt"),
    45: ("fog", "Nebel"),
    48: ("freezing fog", "gefrierender Nebel"),
    51: ("light drizzle", "leichter Nieselregen"),
    53: ("drizzle", "Nieselregen"),
    55: ("heavy drizzle", "starker Nieselregen"),
    56: ("light freezing drizzle", "leichter gefrierender Nieselregen"),
    57: ("freezing drizzle", "gefrierender Nieselregen"),
    61: ("light rain", "leichter Regen"),
    63: ("rain", "Regen"),
    65: ("heavy rain", "starker Regen"),
    66: ("light freezing rain", "leichter gefrierender Regen"),
    67: ("freezing rain", "gefrierender Regen"),
    71: ("light snow", "leichter Schneefall"),
    73: ("snow", "Schneefall"),
    75: ("heavy snow", "starker Schneefall"),
    77: ("snow grains", "Schneegriesel"),
    80: ("light rain showers", "leichte Regenschauer"),
    81: ("rain showers", "Regenschauer"),
    82: ("heavy rain showers", "starke Regenschauer"),
    85: ("light snow showers", "leichte Schneeschauer"),
    86: ("heavy snow showers", "starke Schneeschauer"),
    95: ("thunderstorm", "Gewitter"),
    96: ("thunderstorm with light hail", "Gewitter mit leichtem Hagel"),
    99: ("thunderstorm with heavy hail", "Gewitter mit starkem Hagel"),
}
_BETWEEN = {"en": "to", "de": "bis"}


def describe_now(temperature_c: float, code: float | None, language: Language) -> str:
    """Return `15°C, partly cloudy`; without words for an unknown code."""
    return _describe(f"{round(temperature_c)}°C", code, language)


def describe_today(
    low_c: float | None, high_c: float | None, code: float | None, language: Language
) -> str | None:
    """Return `8 to 17°C, rain showers`; None when the temperatures are unknown."""
    if low_c is None or high_c is None:
        return None
    return _describe(f"{round(low_c)} {_BETWEEN[language]} {round(high_c)}°C", code, language)


def _describe(temperature: str, code: float | None, language: Language) -> str:
    words = _WORDS.get(int(code)) if code is not None else None
    return f"{temperature}, {words[language == 'de']}" if words else temperature
