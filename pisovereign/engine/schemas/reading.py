"""Reading a JSON schema.

A schema is a program that others write: only known keywords, a bounded size and bounded counts get
as far as the grammar and native code. What the grammar allows is never more than what the schema
does; it may be less: an object with named properties has no others, and they come in the schema's
order, the required ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.shapes import (
    Anything,
    Decimal,
    Either,
    Flag,
    Items,
    Mapped,
    Member,
    Members,
    Nothing,
    OneOf,
    Reference,
    Schema,
    Shape,
    Text,
    Whole,
)

MOST_DEPTH = 16
MOST_NODES = 500
MOST_COUNT = 500
_MOST_INTEGER = 10**15
FORMATS = frozenset({"date", "time", "date-time", "uuid"})

_NOTES = frozenset(
    {
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$schema",
        "$id",
        "$comment",
        "$defs",
        "definitions",
    }
)
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_KNOWN = (
    _COUNTS
    | _BOUNDS
    | {"type", "enum", "const", "format", "properties", "required", "additionalProperties"}
    | {"items", "prefixItems", "anyOf", "oneOf", "allOf", "$ref"}
)
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
# Which types a keyword speaks of, if none is named.
_SPEAKING = (
    ("object", ("properties", "required", "additionalProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems")),
    ("string", ("minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
)


def read_schema(schema: Any, field: str) -> Schema:
    """Read a schema.

    Args:
        schema: the schema, as decoded from JSON.
        field: where in the request it stands; errors begin with it.

    Raises:
        InvalidRequest: something in it is not known, too large or senseless.
    """
    reader = _Reader(schema, field)
    shape = reader.shape(schema, 0)
    for name in reader.definitions:
        if _is_circle(name, reader.definitions):
            raise InvalidRequest(f"{field}: {name!r} only refers to itself")
    return Schema(shape, reader.definitions)


class _Reader:
    def __init__(self, root: Any, field: str) -> None:
        self._root = root
        self._field = field
        self._nodes = 0
        self.definitions: dict[str, Shape] = {}

    def shape(self, schema: Any, depth: int) -> Shape:
        self._nodes += 1
        if depth > MOST_DEPTH or self._nodes > MOST_NODES:
            raise self._wrong("the JSON schema is too deep or too large")
        if schema is True:
            return Anything()
        if schema is False:
            raise self._wrong("a JSON schema that allows nothing cannot be used")
        if not isinstance(schema, dict):
            raise self._wrong("a JSON schema must be an object")
        for key in schema:
            if key not in _KNOWN and key not in _NOTES:
                raise self._wrong(f"{key!r} is not supported")
        rules = {key: value for key, value in schema.items() if key not in _NOTES}
        if set(rules) == {"$ref"}:
            return self._reference(rules["$ref"], depth)
        for key in ("$ref", "allOf", "anyOf", "oneOf"):
            if key in rules:
                return self._combined(rules, key, depth)
        return self._plain(rules, depth)

    def _reference(self, target: Any, depth: int) -> Shape:
        if not isinstance(target, str) or len(target) > 200:
            raise self._wrong("'$ref' is not supported with this value")
        if target not in self.definitions:
            # It may refer to itself: while it is read, it is there already.
            self.definitions[target] = Anything()
            self.definitions[target] = self.shape(self._resolve(target), depth + 1)
            if isinstance(self.definitions[target], Reference):
                raise self._wrong(f"{target!r} only refers to others")
        return Reference(target)

    def _resolve(self, target: Any) -> Any:
        if target == "#":
            return self._root
        found = self._root
        parts = target.split("/") if isinstance(target, str) else []
        if len(parts) == 3 and parts[0] == "#" and parts[1] in ("$defs", "definitions"):
            for part in parts[1:]:
                name = part.replace("~1", "/").replace("~0", "~")
                found = found.get(name) if isinstance(found, dict) else None
            if found is not None:
                return found
        raise self._wrong(f"{str(target)[:200]!r} is none of the schema's own definitions")

    def _combined(self, rules: dict[str, Any], key: str, depth: int) -> Shape:
        """Read a schema that is made of others, each together with what stands beside them."""
        base = {name: value for name, value in rules.items() if name != key}
        if key == "$ref":
            target = self._resolve(rules[key])
            return self.shape(self._merged(base, [target]), depth + 1)
        others = rules[key]
        if not isinstance(others, list) or not others:
            raise self._wrong(f"{key!r} must be a list of schemas")
        if key == "allOf":
            return self.shape(self._merged(base, others), depth + 1)
        shapes = [
            self.shape(self._merged(base, [other]) if base else other, depth + 1)
            for other in others
            if other is not False
        ]
        return either(shapes) if shapes else self._none()

    def _merged(self, base: dict[str, Any], others: Iterable[Any]) -> dict[str, Any]:
        """Return one schema that allows what all of these do."""
        merged = dict(base)
        for other in others:
            if other is True:
                continue
            if not isinstance(other, dict):
                raise self._wrong("a JSON schema must be an object")
            for key, value in other.items():
                if key in _NOTES:
                    continue
                if key in merged and merged[key] != value:
                    merged[key] = self._both(key, merged[key], value)
                else:
                    merged[key] = value
        return merged

    def _both(self, key: str, one: Any, other: Any) -> Any:
        if key == "properties" and isinstance(one, dict) and isinstance(other, dict):
            shared = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
            return {**one, **other, **shared}
        if key == "required" and isinstance(one, list) and isinstance(other, list):
            return [*one, *(name for name in other if name not in one)]
        if key == "type":
            both = [each for each in _types(one) if each in _types(other)]
            if both:
                return both
        if key == "allOf" and isinstance(one, list) and isinstance(other, list):
            return [*one, *other]
        raise self._wrong(f"{key!r} cannot be combined with another")

    def _plain(self, rules: dict[str, Any], depth: int) -> Shape:
        types = _types(rules["type"]) if "type" in rules else None
        if types is not None and (not types or any(each not in _TYPES for each in types)):
            raise self._wrong("'type' is not supported with this value")
        if "const" in rules:
            rules = {**rules, "enum": [rules["const"]]}
        if "enum" in rules:
            return self._enumerated(rules["enum"], types)
        if types is None:
            spoken = [kind for kind, keys in _SPEAKING if any(key in rules for key in keys)]
            if not spoken:
                return Anything()
            types = spoken
        return either([self._typed(each, rules, depth) for each in types])

    def _enumerated(self, values: Any, types: list[Any] | None) -> Shape:
        if not isinstance(values, list) or not 0 < len(values) <= MOST_COUNT:
            raise self._wrong("'enum' must be a list of values")
        if any(_depth_of(value) > MOST_DEPTH for value in values):
            raise self._wrong("a value of 'enum' is too deep")
        fitting = tuple(v for v in values if types is None or any(_is(v, t) for t in types))
        return OneOf(fitting) if fitting else self._none()

    def _typed(self, kind: str, rules: dict[str, Any], depth: int) -> Shape:
        match kind:
            case "object":
                return self._object(rules, depth)
            case "array":
                return self._array(rules, depth)
            case "string":
                least, most = self._counts(rules, "minLength", "maxLength")
                form = rules.get("format")
                return Text(least, most, form if form in FORMATS else None)
            case "integer":
                return self._whole(rules)
            case "number":
                return self._decimal(rules)
            case "boolean":
                return Flag()
            case _:
                return Nothing()

    def _object(self, rules: dict[str, Any], depth: int) -> Shape:
        properties = rules.get("properties", {})
        required = rules.get("required", [])
        if not isinstance(properties, dict):
            raise self._wrong("'properties' must be an object")
        if not isinstance(required, list) or not all(isinstance(each, str) for each in required):
            raise self._wrong("'required' must be a list of names")
        extra = rules.get("additionalProperties", True)
        if not properties and not required:
            return Members(()) if extra is False else Mapped(self.shape(extra, depth + 1))
        missing = [name for name in dict.fromkeys(required) if name not in properties]
        if missing and extra is False:
            return self._none()
        shapes = {name: self.shape(value, depth + 1) for name, value in properties.items()}
        for name in missing:
            shapes[name] = self.shape(extra, depth + 1)
        members = [Member(name, shape, name in required) for name, shape in shapes.items()]
        members.sort(key=lambda member: not member.required)
        return Members(tuple(members))

    def _array(self, rules: dict[str, Any], depth: int) -> Shape:
        least, most = self._counts(rules, "minItems", "maxItems")
        first = rules.get("prefixItems", [])
        if not isinstance(first, list):
            raise self._wrong("'prefixItems' must be a list of schemas")
        shapes = tuple(self.shape(each, depth + 1) for each in first)
        rest_schema = rules.get("items", True)
        rest = None if rest_schema is False else self.shape(rest_schema, depth + 1)
        if rest is None and least > len(shapes):
            return self._none()
        return Items(shapes, rest, least, most)

    def _counts(self, rules: dict[str, Any], least: str, most: str) -> tuple[int, int | None]:
        for key in (least, most):
            value = rules.get(key, 0)
            if type(value) is not int or not 0 <= value <= MOST_COUNT:
                raise self._wrong(f"{key!r} is not supported with this value")
        low, high = rules.get(least, 0), rules.get(most)
        if high is not None and high < low:
            self._none()
        return low, high

    def _whole(self, rules: dict[str, Any]) -> Whole:
        low, high = self._bound(rules, "minimum", 0, -1), self._bound(rules, "maximum", 0, 1)
        above, below = (
            self._bound(rules, "exclusiveMinimum", 1, -1),
            self._bound(rules, "exclusiveMaximum", -1, 1),
        )
        lows = [each for each in (low, above) if each is not None]
        highs = [each for each in (high, below) if each is not None]
        least, most = max(lows, default=None), min(highs, default=None)
        if least is not None and most is not None and least > most:
            self._none()
        return Whole(least, most)

    def _bound(self, rules: dict[str, Any], key: str, shift: int, rounding: int) -> int | None:
        if key not in rules:
            return None
        value = rules[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(f"{key!r} must be a number")
        if not -_MOST_INTEGER <= value <= _MOST_INTEGER:
            raise self._wrong(f"{key!r} is not supported with this value")
        whole = int(value)
        if whole == value:
            return whole + shift
        # The next integer inside of the bound.
        floor = whole - (value < 0)
        return floor + 1 if rounding < 0 else floor

    def _decimal(self, rules: dict[str, Any]) -> Shape:
        # Bounds are made whole ones inside of them: a grammar of fractions would be large.
        whole = self._whole(rules)
        return Decimal(whole.least, whole.most)

    def _none(self) -> NoReturn:
        raise self._wrong("a JSON schema that allows nothing cannot be used")

    def _wrong(self, text: str) -> InvalidRequest:
        return InvalidRequest(f"{self._field}: {text}")


def either(shapes: list[Shape]) -> Shape:
    """Return the shape of a value that has any of these."""
    flat: list[Shape] = []
    for shape in shapes:
        flat += shape.shapes if isinstance(shape, Either) else (shape,)
    return flat[0] if len(flat) == 1 else Either(tuple(flat))


def _is_circle(name: str, definitions: Mapping[str, Shape]) -> bool:
    """Return whether a value of a definition could be one of the same definition, without end."""
    seen: set[str] = set()
    waiting = [definitions[name]]
    while waiting:
        shape = waiting.pop()
        if isinstance(shape, Either):
            waiting += shape.shapes
        elif isinstance(shape, Reference):
            if shape.name == name:
                return True
            if shape.name not in seen:
                seen.add(shape.name)
                waiting.append(definitions[shape.name])
    return False


def _depth_of(value: Any) -> int:
    """Return how deep lists and objects are within one another."""
    depth, level = 0, [value]
    while True:
        inner = [each for each in level if isinstance(each, list | dict)]
        if not inner:
            return depth
        depth += 1
        level = [v for each in inner for v in (each.values() if isinstance(each, dict) else each)]


def _types(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _is(value: Any, kind: Any) -> bool:
    match value:
        case None:
            return bool(kind == "null")
        case bool():
            return bool(kind == "boolean")
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number" or (kind == "integer" and value.is_integer())
        case str():
            return bool(kind == "string")
        case list():
            return bool(kind == "array")
        case _:
            return bool(kind == "object")
