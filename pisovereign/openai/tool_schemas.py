"""Schemas of several functions in one, as far as the model can be held to them."""

from __future__ import annotations

from typing import Any

from pisovereign.errors import ValidationFailed

# What the engine's grammar knows: see `engine.grammar`.
_VALUES = frozenset({"type", "enum", "const", "required"})
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_MOST_COUNT = 500
_SCHEMAS = frozenset({"items", "additionalProperties"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_FORMATS = frozenset({"date", "time", "date-time", "uuid"})
_NOTES = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$comment"})
_SHARED = ("$defs", "definitions")
_DEEPEST = 16


class SharedDefinitions:
    """Brings schemas together that refer to definitions of their own."""

    def __init__(self) -> None:
        self.shared: dict[str, Any] = {}

    def adopt(self, owner: str, schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
        """Return a function's schema, with its definitions among the shared ones.

        Args:
            owner: The function's name.
            schema: Its schema.
            strict: Refuse what the model cannot be held to; else it is left out.

        Raises:
            ValidationFailed: It is too deep, refers to nothing, or is refused.
        """
        adopting = _SchemaCopy(owner, schema, strict=strict)
        adopted: dict[str, Any] = adopting.schema(schema, 0)
        self.shared |= adopting.definitions()
        if adopted.get("type", "object") != "object":
            raise _wrong_schema(owner, "must describe an object")
        return {"type": "object", **adopted}


class _SchemaCopy:
    """A schema of one function, copied as far as the model can be held to it."""

    def __init__(self, owner: str, root: dict[str, Any], *, strict: bool) -> None:
        self._owner = owner
        self._strict = strict
        self._own = {
            f"#/{place}/{name}": (f"{owner}-{name}", schema)
            for place in _SHARED
            if isinstance(root.get(place), dict)
            for name, schema in root[place].items()
        }

    def definitions(self) -> dict[str, Any]:
        """Return the definitions that the schema brings, by their new names."""
        return {name: self.schema(schema, 1) for name, schema in self._own.values()}

    def schema(self, schema: Any, depth: int) -> Any:
        """Return a copy of a schema or subschema."""
        if depth > _DEEPEST:
            raise _wrong_schema(self._owner, "is too deep")
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise _wrong_schema(self._owner, "holds something that is no schema")
        if "$ref" in schema:
            return {"$ref": self._reference(schema["$ref"])}
        copy: dict[str, Any] = {}
        for key, value in schema.items():
            if key not in _NOTES and key not in _SHARED:
                self._keyword(copy, key, value, depth + 1)
        return copy

    def _keyword(self, copy: dict[str, Any], key: str, value: Any, depth: int) -> None:
        if (
            key in _VALUES
            or (key == "format" and value in _FORMATS)
            or (key in _COUNTS and isinstance(value, int) and 0 <= value <= _MOST_COUNT)
        ):
            copy[key] = value
        elif key in _SCHEMAS:
            copy[key] = self.schema(value, depth)
        elif key in _LISTS and isinstance(value, list):
            copy[key] = [self.schema(each, depth) for each in value]
        elif key == "properties" and isinstance(value, dict):
            copy[key] = {name: self.schema(each, depth) for name, each in value.items()}
        elif self._strict:
            raise _wrong_schema(self._owner, f"has {key!r}, to which the model cannot be held")

    def _reference(self, value: Any) -> str:
        if value not in self._own:
            raise _wrong_schema(self._owner, f"refers to {value!r}, which is none of its $defs")
        return f"#/$defs/{self._own[value][0]}"


def _wrong_schema(owner: str, error: str) -> ValidationFailed:
    return ValidationFailed([{"field": "tools", "error": f"the schema of {owner!r} {error}"}])
