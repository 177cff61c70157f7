"""Check data against a msgspec struct and report every broken field at once.

msgspec stops at the first error and words it for programmers. Here each field is converted on its
own, so that a request or a configuration file gets one list with all of its faults, in words that
name the rule. A field may carry further rules in its annotation:
`Annotated[str, Meta(max_length=10, extra={"rules": (not_blank,)})]`.
"""

from __future__ import annotations

import difflib
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import inspect as types

from pisovereign.errors import FieldError, ValidationFailed

S = TypeVar("S", bound=msgspec.Struct)
Rule = Callable[[Any], str | None]
# A mistake has few and short ones; a body made of them would keep the server busy with advice.
MAX_UNKNOWN, MAX_NAME = 50, 100


def not_blank(value: str) -> str | None:
    """Refuse text that holds nothing but white space."""
    return None if value.strip() else "cannot be empty"


def no_nul(value: str) -> str | None:
    """Refuse NUL, which PostgreSQL cannot store."""
    return "cannot contain NUL characters" if "\0" in value else None


def validate(data: object, struct: type[S], *, ignore_unknown: bool = False) -> S:
    """Convert decoded JSON to `struct`.

    Args:
        data: What `struct` is made of.
        struct: Its fields say what is allowed.
        ignore_unknown: Whether fields that `struct` does not have are no errors.

    Raises:
        ValidationFailed: with every broken field.
    """
    value, errors = check(data, struct, ignore_unknown=ignore_unknown)
    if errors or value is None:
        raise ValidationFailed(errors)
    return value


def check(
    data: object, struct: type[S], path: str = "", *, ignore_unknown: bool = False
) -> tuple[S | None, list[FieldError]]:
    """Convert `data` to `struct`; on any error the value is None and the list says why.

    `path` is the dotted name of `data` itself, used as a prefix of the reported fields.
    """
    if not isinstance(data, Mapping):
        return None, [{"field": path or "body", "error": "must be an object"}]
    prefix = f"{path}." if path else ""
    known = _fields(struct)
    kind = struct.__struct_config__
    if kind.tag_field in data and data[kind.tag_field] != kind.tag:
        # The rest of another thing has other fields.
        return None, [{"field": f"{prefix}{kind.tag_field}", "error": f"must be {kind.tag}"}]
    unknown = (
        () if ignore_unknown else (str(k) for k in data if k not in known and k != kind.tag_field)
    )
    errors: list[FieldError] = [
        {"field": f"{prefix}{key[:MAX_NAME]}", "error": _unknown(key[:MAX_NAME], prefix, known)}
        for key in itertools.islice(unknown, MAX_UNKNOWN)
    ]
    values: dict[str, Any] = {}
    for name, (field, annotation) in known.items():
        if name in data:
            value, found = _check_value(
                data[name], annotation, f"{prefix}{name}", ignore_unknown=ignore_unknown
            )
            errors += found
            values[field.name] = value
        elif field.required:
            errors.append({"field": f"{prefix}{name}", "error": "is required"})
    return (None, errors) if errors else (struct(**values), [])


def _unknown(key: str, prefix: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.6)
    hint = f"; did you mean {prefix}{near[0]}?" if near else ""
    return f"is not a known field{hint}"


@functools.cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, tuple[msgspec.structs.FieldInfo, Any]]:
    hints = get_type_hints(struct, include_extras=True)
    return {f.encode_name: (f, hints[f.name]) for f in msgspec.structs.fields(struct)}


@functools.cache
def _type_info(annotation: Any, given: str = "") -> tuple[types.Type, tuple[Rule, ...]]:
    """Return the type below metadata and `| None`, and the rules found on the way.

    Where there are several, it is the one that a value of the type of this name is meant for.
    """
    info = types.type_info(annotation)
    rules: tuple[Rule, ...] = ()
    while isinstance(info, types.Metadata | types.UnionType):
        if isinstance(info, types.Metadata):
            rules += tuple((info.extra or {}).get("rules", ()))
            info = info.type
        else:
            if sum(isinstance(t, types.StructType) for t in info.types) > 1:
                break  # a field of the value says which one it is
            members = [t for t in info.types if not isinstance(t, types.NoneType)]
            meant = _MEANT.get(given, ())
            info = next((t for t in members if isinstance(_bare(t), meant)), members[0])
    return info, rules


_MEANT: Mapping[str, tuple[type[types.Type], ...]] = {
    "str": (types.StrType, types.LiteralType),
    "list": (types.ListType, types.VarTupleType),
    "dict": (types.StructType, types.DictType),
}


def _bare(info: types.Type) -> types.Type:
    """Return the type below metadata."""
    while isinstance(info, types.Metadata):
        info = info.type
    return info


def number_fields(struct: type[msgspec.Struct]) -> dict[str, type[int] | type[float]]:
    """Return the fields of `struct` that are numbers, and their types."""
    kinds: dict[type[types.Type], type[int] | type[float]] = {
        types.IntType: int,
        types.FloatType: float,
    }
    infos = ((name, type(_type_info(hint)[0])) for name, (_, hint) in _fields(struct).items())
    return {name: kinds[info] for name, info in infos if info in kinds}


def _check_value(
    value: object, annotation: Any, path: str, *, ignore_unknown: bool
) -> tuple[Any, list[FieldError]]:
    info, rules = _type_info(annotation, type(value).__name__)
    if isinstance(info, types.StructType):
        return check(value, info.cls, path, ignore_unknown=ignore_unknown)
    if isinstance(info, types.ListType | types.VarTupleType) and isinstance(value, list):
        item = info.item_type
        if text := _wrong_length(info, value):
            return None, [{"field": path, "error": text}]
        if isinstance(item, types.StructType):
            rows = [
                check(row, item.cls, f"{path}[{i}]", ignore_unknown=ignore_unknown)
                for i, row in enumerate(value)
            ]
            found = [error for _, errors in rows for error in errors]
            made = [row for row, _ in rows]
            return (made if isinstance(info, types.ListType) else tuple(made)), found
    try:
        converted = msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        return None, [{"field": path, "error": _explain(info, value, error)}]
    broken = [text for rule in rules if converted is not None and (text := rule(converted))]
    return converted, [{"field": path, "error": text} for text in broken[:1]]


def _explain(info: types.Type, value: object, error: msgspec.ValidationError) -> str:
    """Say which rule `value` breaks, in the words of the API reference."""
    match info:
        case types.StrType() if isinstance(value, str):
            return _explain_text(info, value)
        case types.IntType() | types.FloatType():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            whole = isinstance(info, types.IntType)
            if not number or (whole and isinstance(value, float)):
                return "must be a whole number" if whole else "must be a number"
            return _explain_range(info)
        case types.LiteralType():
            return "must be one of " + ", ".join(str(v) for v in info.values)
        case types.ListType() | types.VarTupleType() if isinstance(value, list):
            return _explain_list(info, value, error)
        case _ if (name := _NAMES.get(type(info))) is not None:
            return f"must be {name}"
        case _:
            return str(error)


_NAMES: dict[type[types.Type], str] = {
    types.StrType: "a string",
    types.BoolType: "true or false",
    types.ListType: "a list",
    types.VarTupleType: "a list",
    types.DictType: "a table",
    types.UUIDType: "a UUID",
    types.DateType: "a date, such as 2026-02-08",
    types.DateTimeType: "a time with its offset, such as 2026-02-08T15:00:00Z",
}


def _wrong_length(info: types.ListType | types.VarTupleType, value: list[Any]) -> str | None:
    if info.max_length is not None and len(value) > info.max_length:
        return f"must have at most {info.max_length} entries"
    if info.min_length and len(value) < info.min_length:
        return "cannot be empty" if not value else f"must have at least {info.min_length} entries"
    return None


def _explain_list(
    info: types.ListType | types.VarTupleType, value: list[Any], error: msgspec.ValidationError
) -> str:
    if isinstance(info.item_type, types.LiteralType):
        return "must hold only " + ", ".join(str(v) for v in info.item_type.values)
    if isinstance(info.item_type, types.StrType):
        if not all(isinstance(item, str) for item in value):
            return "must hold only strings"
        texts = (_explain_text(info.item_type, item) for item in value)
        return next(f"entry {text}" for text in texts if text)
    return str(error)


def _explain_text(info: types.StrType, value: str) -> str:
    if info.min_length and not value:
        return "cannot be empty"
    if info.min_length and len(value) < info.min_length:
        return f"must be at least {info.min_length} characters"
    if info.max_length is not None and len(value) > info.max_length:
        return f"must be at most {info.max_length} characters"
    return f"must match {info.pattern}"


def _explain_range(info: types.IntType | types.FloatType) -> str:
    if info.ge is not None and info.le is not None:
        return f"must be between {info.ge} and {info.le}"
    return f"must be at least {info.ge}" if info.ge is not None else f"must be at most {info.le}"
