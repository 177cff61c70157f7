"""Arguments of questions about people: who, and what is wanted of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pisovereign.actions.types import FindContact
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source


def _found(about: str | None, source: Source) -> PartialCommand:
    return PartialCommand(FindContact, {"name": source.said("name"), "about": about}, ("name",))


CONTACT_READERS: Mapping[str, ArgumentReader] = {
    "contact_all": partial(_found, None),
    "contact_email": partial(_found, "email"),
    "contact_phone": partial(_found, "phone"),
    "contact_address": partial(_found, "address"),
    "contact_birthday": partial(_found, "birthday"),
}
