"""The part of a JSON schema that our engine can hold a model to."""

from __future__ import annotations

from typing import Any

# What the engine's grammar knows: see `engine.schemas.reading`. The rest of what is kept is for the
# model to read.
_VALUES = frozenset(
    {"type", "enum", "const", "required", "$ref"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$schema", "$id", "$comment"}
)
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_MOST_COUNT = 500
_SCHEMAS = frozenset({"items", "additionalProperties"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_MAPS = frozenset({"properties", "$defs", "definitions"})
_FORMATS = frozenset({"date", "time", "date-time", "uuid"})
_DEEPEST = 16


def supported_part(schema: Any, depth: int = 0) -> Any:
    """Return a schema without what a model cannot be held to, such as `pattern`.

    What makes no sense stays as it is, for the engine to name; so does what is too deep.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _VALUES or _is_known(key, value):
            kept[key] = value
        elif key in _SCHEMAS:
            kept[key] = supported_part(value, depth + 1)
        elif key in _LISTS and isinstance(value, list):
            kept[key] = [supported_part(each, depth + 1) for each in value]
        elif key in _MAPS and isinstance(value, dict):
            kept[key] = {name: supported_part(each, depth + 1) for name, each in value.items()}
    return kept


def _is_known(key: str, value: Any) -> bool:
    """Return whether a keyword is known with this value, or with none: then the engine says so."""
    if key == "format":
        return isinstance(value, str) and value in _FORMATS
    return key in _COUNTS and (not isinstance(value, int) or value <= _MOST_COUNT)
