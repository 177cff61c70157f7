"""Forms of connections, described so that a page draws them without knowing any kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_type_hints

import msgspec

from pisovereign.connections.types import Choice, Field
from pisovereign.connectors.form import ConnectionKind, FieldSpec
from pisovereign.connectors.words import Words
from pisovereign.languages import LANGUAGES, load_traits


def describe_fields(
    kind: ConnectionKind, section: type[msgspec.Struct], words: Words, people: Sequence[Choice]
) -> list[Field]:
    """Return the fields of a form, with the choices of each."""
    hints = get_type_hints(section, include_extras=True)
    return [
        Field(
            name=spec.name,
            type=spec.type,
            label=words.of(kind.name, f"{spec.name}.label"),
            help=words.of(kind.name, f"{spec.name}.help"),
            required=spec.required,
            advanced=spec.advanced,
            generated=spec.generated,
            placeholder=spec.placeholder,
            address=spec.address,
            choices=list(_choices(spec, hints[spec.name], words, people)),
        )
        for spec in kind.fields
    ]


def shown_values(kind: ConnectionKind, section: Any, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form holds but its secrets; what was saved, where it no longer fits."""
    values = msgspec.to_builtins(section) if section is not None else raw
    secrets = kind.secrets()
    return {
        spec.name: values[spec.name]
        for spec in kind.fields
        if spec.name not in secrets and spec.name in values
    }


def _choices(
    spec: FieldSpec, annotation: Any, words: Words, people: Sequence[Choice]
) -> Iterator[Choice]:
    if spec.type == "senders":
        yield from people
    if spec.type not in ("choice", "choices"):
        return
    values = spec.choices or get_args(get_args(annotation)[0])  # msgspec would sort them
    if spec.type == "choices" and not spec.choices:  # of a tuple of them
        values = get_args(values[0])
    if values:
        offered = [value for value in values if value not in spec.unoffered]
        yield from (Choice(value, words.say(f"choice.{value}")) for value in offered)
    else:  # a language
        yield from (Choice(code, load_traits(code).name) for code in LANGUAGES)
