"""Schemas of arguments as a small model can follow them, and reading what it gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

# What is checked when a call arrives; in a prompt it only costs tokens.
_LEFT_OUT = frozenset(
    ("default", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")
)


def simple_schema(schema: Mapping[str, Any], described: Mapping[str, str]) -> dict[str, Any]:
    """Return a schema of an object with some of its properties, each with a description.

    Args:
        schema: That of all arguments.
        described: Which properties to keep, in this order, and what each is.

    Raises:
        ValueError: One of them is not there, or a required one is missing.
    """
    properties: Mapping[str, Any] = schema["properties"]
    required: list[str] = schema["required"]
    if unknown := described.keys() - properties.keys():
        raise ValueError(f"no such arguments: {sorted(unknown)}")
    if missing := set(required) - described.keys():
        raise ValueError(f"required arguments are not described: {sorted(missing)}")
    # That there are no others goes without saying: what is not known is refused.
    simple = {
        "type": "object",
        "properties": {
            name: {**_simple(properties[name]), "description": text}
            for name, text in described.items()
        },
    }
    return {**simple, "required": required} if required else simple


def _simple(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        # "X or nothing" is an argument that may be left out.
        (only,) = (part for part in schema["anyOf"] if part.get("type") != "null")
        return _simple(only)
    simple = {name: value for name, value in schema.items() if name not in _LEFT_OUT}
    if simple.get("format") == "date-time":
        # With an offset, which models get wrong; local time is described in words instead.
        del simple["format"]
    if "enum" in simple:
        simple.setdefault("type", "string")
    if isinstance(simple.get("items"), Mapping):
        simple["items"] = _simple(simple["items"])
    return simple


def read_arguments(
    given: Mapping[str, Any], struct: type[msgspec.Struct], zone: ZoneInfo
) -> dict[str, Any]:
    """Return arguments as the struct's check takes them: what is empty left out, times with a zone.

    Args:
        given: As a model gave them: local times without an offset.
        struct: What they are for.
        zone: Where the user is.
    """
    optional = {field.name for field in msgspec.structs.fields(struct) if not field.required}
    moments = {field.name for field in msgspec.structs.fields(struct) if _is_moment(field.type)}
    return {
        name: _moment(value, zone) if name in moments else value
        for name, value in given.items()
        if value is not None and not (value == "" and name in optional)
    }


def _is_moment(annotation: Any) -> bool:
    kind = msgspec.inspect.type_info(annotation)
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(_plain(each), msgspec.inspect.DateTimeType) for each in kinds)


def _plain(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    return kind.type if isinstance(kind, msgspec.inspect.Metadata) else kind


def _moment(value: Any, zone: ZoneInfo) -> Any:
    """Return a local time with its offset; what is no local time stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        time = dt.datetime.fromisoformat(value.strip())
    except ValueError:
        return value
    return value if time.tzinfo else time.replace(tzinfo=zone).isoformat()
