"""Arguments of lists, of facts and of mails."""

from __future__ import annotations

from collections.abc import Mapping

from pisovereign.actions.types import (
    AddToList,
    CreateList,
    DeleteList,
    ForgetMemory,
    RecallMemory,
    Remember,
    RemoveFromList,
    SendEmail,
    ShowList,
)
from pisovereign.parsing.partial_commands import ArgumentReader, PartialCommand, Source

_MOST_ITEMS = 50


def _items(source: Source) -> tuple[str, ...]:
    text = source.about("items")
    parts = source.forms.split(text)[:_MOST_ITEMS] if text else ()
    return tuple(source.reader.clean(part) or part for part in parts)


def _list(source: Source) -> str | None:
    if source.spans is not None:
        return source.text("list")
    found = source.forms.list_name(source.request.cut)
    return source.reader.clean(source.request.words(found)) or None if found else None


def _added(source: Source) -> PartialCommand:
    arguments = {"items": _items(source), "list": _list(source)}
    return PartialCommand(AddToList, arguments, ("items",))


def _removed(source: Source) -> PartialCommand:
    arguments = {"items": _items(source), "list": _list(source)}
    return PartialCommand(RemoveFromList, arguments, ("items",))


def _cleared(source: Source) -> PartialCommand:
    return PartialCommand(RemoveFromList, {"list": _list(source), "everything": True})


def _shown(source: Source) -> PartialCommand:
    return PartialCommand(ShowList, {"list": _list(source)})


def _new(source: Source) -> PartialCommand:
    return PartialCommand(CreateList, {"list": source.about("list")}, ("list",))


def _deleted(source: Source) -> PartialCommand:
    return PartialCommand(DeleteList, {"list": _list(source) or source.about("list")}, ("list",))


def _remembered(source: Source) -> PartialCommand:
    return PartialCommand(
        Remember, {"statement": source.said("statement") or source.about()}, ("statement",)
    )


def _recalled(source: Source) -> PartialCommand:
    if source.spans is not None and "question" not in source.spans:
        return PartialCommand(RecallMemory, {})
    return PartialCommand(RecallMemory, {"question": source.request.utterance.text})


def _forgotten(source: Source) -> PartialCommand:
    return PartialCommand(
        ForgetMemory, {"about": source.said("about") or source.about()}, ("about",)
    )


def _mail(source: Source) -> PartialCommand:
    request = source.request
    address = source.forms.signal("address", request.cut)
    body = source.forms.signal("mail_body", request.cut)
    subject = source.forms.signal("mail_subject", request.cut)
    named = source.forms.signal("mail_to", request.cut)
    to = address[1][""] if address else named[1]["recipient"] if named else None
    arguments = {
        "to": request.words(to) if to else None,
        "subject": request.words(subject[1]["subject"]) if subject else None,
        "body": request.words(body[1]["body"]) if body else None,
    }
    return PartialCommand(SendEmail, arguments, ("to", "subject", "body"))


LIST_READERS: Mapping[str, ArgumentReader] = {
    "list_add": _added,
    "list_remove": _removed,
    "list_clear": _cleared,
    "list_show": _shown,
    "list_new": _new,
    "list_delete": _deleted,
    "remember": _remembered,
    "recall": _recalled,
    "forget": _forgotten,
    "send_email": _mail,
}
