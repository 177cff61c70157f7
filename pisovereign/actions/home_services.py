"""Services of Home Assistant, and the things of a house that each of them is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pisovereign.connectors.home_assistant.types import Kind, ServiceCall, Thing
from pisovereign.errors import ValidationFailed

HomeAction = Literal[
    "turn_on",
    "turn_off",
    "open",
    "close",
    "stop",
    "lock",
    "unlock",
    "arm",
    "disarm",
    "set_level",
    "dim",
    "brighten",
    "set_temperature",
    "warmer",
    "colder",
    "activate",
    "add_item",
]
_SWITCHED = frozenset[Kind](("light", "switch", "fan", "media", "climate"))
_ABLE: Mapping[HomeAction, frozenset[Kind]] = {
    "turn_on": _SWITCHED | {"scene", "script"},
    "turn_off": _SWITCHED,
    "open": frozenset(("cover",)),
    "close": frozenset(("cover",)),
    "stop": frozenset(("cover",)),
    "lock": frozenset(("lock",)),
    "unlock": frozenset(("lock",)),
    "arm": frozenset(("alarm",)),
    "disarm": frozenset(("alarm",)),
    "set_level": frozenset(("light", "cover", "fan")),
    "dim": frozenset(("light",)),
    "brighten": frozenset(("light",)),
    "set_temperature": frozenset(("climate",)),
    "warmer": frozenset(("climate",)),
    "colder": frozenset(("climate",)),
    "activate": frozenset(("scene", "script")),
    "add_item": frozenset(("list",)),
}
_PLAIN: Mapping[HomeAction, str] = {
    "turn_on": "turn_on",
    "turn_off": "turn_off",
    "activate": "turn_on",
    "open": "open_cover",
    "close": "close_cover",
    "stop": "stop_cover",
    "lock": "lock",
    "unlock": "unlock",
    "arm": "alarm_arm_away",
    "disarm": "alarm_disarm",
}
INVERSE: Mapping[HomeAction, HomeAction] = {
    "turn_on": "turn_off",
    "turn_off": "turn_on",
    "open": "close",
    "close": "open",
}
_STEP_PERCENT = 20
_STEP_DEGREES = 1.0
_USUAL_RANGE = (5.0, 35.0)


def can(action: HomeAction, thing: Thing) -> bool:
    """Return whether something can be done with a thing."""
    return thing.kind in _ABLE[action]


def usual_kind(action: HomeAction) -> Kind | None:
    """Return what is meant where nothing says what: lights are switched, heatings set."""
    if action in ("turn_on", "turn_off", "dim", "brighten"):
        return "light"
    able = _ABLE[action]
    return next(iter(able)) if len(able) == 1 else None


def service_calls(
    action: HomeAction, things: Iterable[Thing], value: float | None, text: str | None = None
) -> tuple[ServiceCall, ...]:
    """Return the calls that do it, one for each service; which come first does not matter.

    Raises:
        ValidationFailed: A value is missing, or out of range; or a text is missing.
    """
    grouped: dict[tuple[str, tuple[tuple[str, str | float], ...]], list[str]] = {}
    for thing in things:
        service, data = _service(action, thing, value, text)
        key = (f"{thing.domain}.{service}", tuple(data.items()))
        grouped.setdefault(key, []).append(thing.id)
    return tuple(
        ServiceCall(service=service, entities=tuple(ids), data=dict(data))
        for (service, data), ids in grouped.items()
    )


def _service(
    action: HomeAction, thing: Thing, value: float | None, text: str | None
) -> tuple[str, Mapping[str, str | float]]:
    match action:
        case "add_item":
            if not text:
                raise ValidationFailed([{"field": "text", "error": "is required"}])
            return "add_item", {"item": text}
        case "set_level":
            return _level(thing, _between(value, 0, 100))
        case "dim" | "brighten":
            step = _STEP_PERCENT if value is None else _between(value, 1, 100)
            return "turn_on", {"brightness_step_pct": -step if action == "dim" else step}
        case "set_temperature" | "warmer" | "colder":
            return "set_temperature", {"temperature": _degrees(action, thing, value)}
        case _:
            return _PLAIN[action], {}


def _level(thing: Thing, percent: float) -> tuple[str, dict[str, float]]:
    match thing.kind:
        case "cover":
            return "set_cover_position", {"position": round(percent)}
        case "fan":
            return "set_percentage", {"percentage": round(percent)}
        case _ if percent == 0:
            return "turn_off", {}
        case _:
            return "turn_on", {"brightness_pct": round(percent)}


def _degrees(action: HomeAction, thing: Thing, value: float | None) -> float:
    lowest = _number(thing.attributes.get("min_temp"), _USUAL_RANGE[0])
    highest = _number(thing.attributes.get("max_temp"), _USUAL_RANGE[1])
    if action == "set_temperature":
        return _between(value, lowest, highest)
    step = _STEP_DEGREES if value is None else abs(value)
    now = thing.attributes.get("temperature")
    if not isinstance(now, int | float):
        raise _wrong("is needed, as it is not known what is set now")
    wanted = now + step if action == "warmer" else now - step
    return min(max(wanted, lowest), highest)


def _between(value: float | None, low: float, high: float) -> float:
    if value is None:
        raise _wrong("is required")
    if not low <= value <= high:
        raise _wrong(f"must be between {low:g} and {high:g}")
    return value


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _wrong(error: str) -> ValidationFailed:
    return ValidationFailed([{"field": "value", "error": error}])
