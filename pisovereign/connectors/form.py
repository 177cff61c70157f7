"""Kinds of connections: the fields of their forms, and rules of their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import getitem
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec

from pisovereign.connectors.types import FieldType
from pisovereign.errors import FieldError
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.validation import check


class FieldSpec(NamedTuple):
    """A field of a form.

    Attributes:
        name: Of the setting.
        type: How it is drawn.
        required: Whether a connection needs it.
        advanced: Whether most can leave it alone.
        names_server: Whether it says who gets the secrets: if it changes, they are asked for again.
        generated: Whether whoever fills in the form makes it up.
        placeholder: An example; of a `file`, how its name ends.
        choices: What can be chosen, where the setting does not say.
        address: By what `senders` are known: the setting of each that names it.
        unoffered: Values that there is no use in choosing.
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    advanced: bool = False
    names_server: bool = False
    generated: bool = False
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    address: str = ""
    unoffered: tuple[str, ...] = ()


class ConnectionKind(NamedTuple):
    """A kind of connections.

    Attributes:
        name: As paths and files of languages have it.
        section: The section of the configuration that it stands for.
        personal: Whether each person has one of their own; else it is the household's.
        fields: What its form holds.
        is_set: Whether a section says that there is one.
        problems: What is wrong with values that are right one by one.
        hosts: The servers that a section names.
        webhook: Where the service sends messages to; empty: it does not.
    """

    name: str
    section: str
    personal: bool
    fields: tuple[FieldSpec, ...]
    is_set: Callable[[Any], bool]
    problems: Callable[[Any], list[FieldError]] = lambda _: []
    hosts: Callable[[Any], list[AllowedHost]] = lambda _: []
    webhook: str = ""

    def secrets(self) -> frozenset[str]:
        """Return the names of the fields that are never shown."""
        return frozenset(spec.name for spec in self.fields if spec.type == "secret")

    def named_hosts(self, section: msgspec.Struct) -> list[AllowedHost]:
        """Return the servers that somebody named, which may be on the local network.

        Those that every section has from the start are named by nobody.
        """
        usual = self.hosts(type(section)())
        return [host for host in self.hosts(section) if host not in usual]

    def read(self, base: msgspec.Struct, values: Mapping[str, Any]) -> tuple[Any, list[FieldError]]:
        """Return a section with these values in it, and what is wrong with them.

        Args:
            base: The section as the configuration has it: its other settings stay.
            values: By the names of fields; those that are left out get their defaults.
        """
        found, errors = check(values, _struct(self, type(base)), "values")
        missing = [
            required(spec.name)
            for spec in self.fields
            if spec.required and not values.get(spec.name) and not _named(errors, spec.name)
        ]
        if found is None or missing:
            return None, [*errors, *missing]
        section = msgspec.structs.replace(base, **msgspec.structs.asdict(found))
        return section, self.problems(section)


def _named(errors: list[FieldError], name: str) -> bool:
    return any(error["field"] == f"values.{name}" for error in errors)


def required(name: str) -> FieldError:
    """Return what is wrong with a field that was left empty."""
    return {"field": f"values.{name}", "error": "is required"}


def _struct(kind: ConnectionKind, section: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return a struct of the fields of a form, each as the section has it."""
    hints = get_type_hints(section, include_extras=True)
    defaults = {field.name: field.default for field in msgspec.structs.fields(section)}
    fields = [
        (spec.name, _annotation(spec, hints[spec.name]), defaults[spec.name])
        for spec in kind.fields
    ]
    return msgspec.defstruct(f"{kind.name.title()}Values", fields, frozen=True, kw_only=True)


def _annotation(spec: FieldSpec, annotation: Any) -> Any:
    """Return the type of a field, with what can be chosen."""
    if not spec.choices:
        return annotation
    one_of: Any = getitem(Literal, spec.choices)
    several: Any = tuple
    kept: Any = Annotated
    return kept[several[one_of, ...], *annotation.__metadata__]


def hosts_of(*urls: str) -> list[AllowedHost]:
    """Return the servers of addresses; empty ones are left out."""
    targets = [parse_url(url) for url in urls if url]
    return [AllowedHost(target.host, target.port) for target in targets]
