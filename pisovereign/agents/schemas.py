"""Arguments of commands as JSON schemas that the engine can hold the model to."""

from __future__ import annotations

from typing import Any

from pisovereign.actions.spec import ActionSpec

_KEPT = frozenset(
    ("type", "properties", "required", "additionalProperties", "enum", "const", "items", "anyOf",
     "minLength", "maxLength", "format")
)  # fmt: skip
MOST_LENGTH = 200
"""The longest text that the model may write; longer ones end here."""


def closed_object(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


MEMORY_ARGUMENTS = closed_object(query={"type": "string", "minLength": 1, "maxLength": MOST_LENGTH})
"""What the search of memories takes."""


def arguments_schema(spec: ActionSpec) -> dict[str, Any]:
    """Return what a command takes, in the keywords that every engine knows."""
    schema: dict[str, Any] = _known(spec.arguments())
    return schema


def _known(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    possible = [of for of in schema.get("anyOf", ()) if of.get("type") != "null"]
    if len(possible) == 1:
        # "X or nothing" can be left out. All commands together would be more than an engine reads.
        return _known(possible[0])
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key not in _KEPT:
            continue
        if key == "properties":
            kept[key] = {name: _known(of) for name, of in value.items()}
        elif key == "anyOf":
            kept[key] = [_known(of) for of in value]
        elif key in ("items", "additionalProperties"):
            kept[key] = _known(value)
        elif key in ("minLength", "maxLength"):
            kept[key] = min(value, MOST_LENGTH)
        else:
            kept[key] = value
    return kept
