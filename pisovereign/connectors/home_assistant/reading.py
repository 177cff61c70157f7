"""From what Home Assistant's WebSocket answers to a house: whatever is malformed is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pisovereign.connectors.home_assistant.types import KINDS, Area, House, Thing
from pisovereign.text.canonical import canonical_line
from pisovereign.text.untrusted import one_line

_LONGEST_NAME = 80
_LONGEST_STATE = 100
_MOST_ALIASES = 20
_MOST_THINGS = 2_000
_MOST_AREAS = 200
_MOST_VALUES = 50
# Attributes that are told, or decide what can be done; all others stay where they are.
TOLD = (
    "brightness",
    "current_position",
    "current_temperature",
    "temperature",
    "min_temp",
    "max_temp",
    "percentage",
    "unit_of_measurement",
    "supported_color_modes",
)
_ASSISTANT = "conversation"
# Approvals show ids, so in one there is nothing else.
_ID = re.compile(r"[a-z0-9_]{1,64}\.[a-z0-9_]{1,255}")


class Registries(msgspec.Struct, frozen=True, kw_only=True):
    """The entities, devices and areas that Home Assistant knows, and which are exposed."""

    entities: Mapping[str, Mapping[str, Any]]
    devices: Mapping[str, Mapping[str, Any]]
    areas: Mapping[str, Area]
    exposed: frozenset[str]


def read_registries(entities: Any, devices: Any, areas: Any, exposed: frozenset[str]) -> Registries:
    """Return the registries, as the commands that list them answer."""
    return Registries(
        entities={
            identifier: entry
            for identifier, entry in (entities if isinstance(entities, dict) else {}).items()
            if isinstance(entry, dict)
        },
        devices={d["id"]: d for d in _rows(devices) if _is_text(d.get("id"))},
        areas={area.id: area for area in map(_area, _rows(areas)[:_MOST_AREAS]) if area},
        exposed=exposed,
    )


def read_exposed(answer: Any) -> frozenset[str]:
    """Return the ids of what is exposed, of all kinds that are known."""
    known = (one for one in _exposed(answer) if is_known(one))
    return frozenset(list(known)[:_MOST_THINGS])


def read_house(states: Mapping[str, Mapping[str, Any]], registries: Registries) -> House:
    """Return everything that is exposed and of a known kind.

    Args:
        states: The states by the ids of entities, as `get_states` has them.
        registries: What is known of them.
    """
    things = (
        _thing(identifier, state, registries)
        for identifier, state in states.items()
        if identifier in registries.exposed
    )
    kept = [thing for thing in things if thing is not None][:_MOST_THINGS]
    return House(tuple(kept), tuple(registries.areas.values()))


def is_known(identifier: str) -> bool:
    """Return whether it is the id of an entity of a known kind."""
    return bool(_ID.fullmatch(identifier)) and identifier.partition(".")[0] in KINDS


def clean_name(text: object) -> str:
    """Return a name as it may be shown: on one line, nothing in it hides, and not long."""
    return one_line(canonical_line(text), _LONGEST_NAME) if isinstance(text, str) else ""


def _thing(identifier: str, state: Mapping[str, Any], registries: Registries) -> Thing | None:
    kind = KINDS.get(identifier.partition(".")[0])
    if kind is None:
        return None
    attributes = state.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    entry = registries.entities.get(identifier, {})
    name = clean_name(attributes.get("friendly_name")) or identifier
    value = state.get("state")
    return Thing(
        id=identifier,
        kind=kind,
        name=name,
        aliases=_names(entry.get("aliases")),
        area=_area_of(entry, registries),
        device_class=clean_name(attributes.get("device_class") or entry.get("device_class")),
        state=one_line(value, _LONGEST_STATE) if isinstance(value, str) else "unknown",
        attributes={key: _plain(attributes[key]) for key in TOLD if _is_plain(attributes.get(key))},
    )


def _area_of(entry: Mapping[str, Any], registries: Registries) -> Area | None:
    """Return where an entity is: its own area, else that of its device."""
    device = registries.devices.get(str(entry.get("device_id")), {})
    return registries.areas.get(str(entry.get("area_id") or device.get("area_id")))


def _area(row: Mapping[str, Any]) -> Area | None:
    identifier, name = row.get("area_id"), clean_name(row.get("name"))
    if not isinstance(identifier, str) or not name:
        return None
    return Area(identifier, name, _names(row.get("aliases")))


def _names(aliases: object) -> tuple[str, ...]:
    listed = aliases if isinstance(aliases, list) else []
    return tuple(name for alias in listed[:_MOST_ALIASES] if (name := clean_name(alias)))


def _exposed(answer: Any) -> Iterable[str]:
    entities = answer.get("exposed_entities") if isinstance(answer, dict) else None
    for identifier, assistants in (entities if isinstance(entities, dict) else {}).items():
        if isinstance(assistants, dict) and assistants.get(_ASSISTANT) is True:
            yield identifier


def _rows(answer: Any) -> list[dict[str, Any]]:
    rows = answer if isinstance(answer, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | int | float)


def _plain(value: Any) -> Any:
    """Return a value whose texts are what may be shown."""
    if isinstance(value, list):
        return [clean_name(item) for item in value[:_MOST_VALUES]]
    return clean_name(value) if isinstance(value, str) else value
