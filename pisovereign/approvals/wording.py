"""Lines of an approval, the same in every place where a person decides.

The page, messages, programs and the console show these lines. They come from the payload itself,
which is what is carried out, and nothing in them hides.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pisovereign.approvals.types import Approval, Line
from pisovereign.languages.messages import Messages
from pisovereign.text.canonical import visible
from pisovereign.text.lookalikes import described, lookalikes

_DEEPEST = 6
_LONGEST_OUTPUT = 3000
_MOST_MARKED = 5
WARNING = "warning"
"""The name of the line that tells what is easily taken for something else."""
# What the change of an event holds beside the event before and after it: made of these, and read by
# the calendar's server alone. Everything is in the approval's `details`.
_MADE = {"id", "url", "etag", "mark", "text"}
_WITHOUT: Mapping[str, set[str]] = {
    "calendar_change": _MADE,
    "move_event": _MADE,
    "delete_event": _MADE,
    "change_task": _MADE,
    "complete_task": _MADE,
}
# What another program gets: all of it, with nothing left out and nothing put into other words.
_EXACT = "outside_tool"


def lines_of(approval: Approval, messages: Messages) -> list[Line]:
    """Return what is carried out, one line for each argument, in words of the section `approvals`.

    Not among them are arguments without a value, numbers of things that their names say, and what
    only servers read: those are in the `details`.
    """
    details = approval.details
    if isinstance(details, msgspec.Raw):
        details = msgspec.json.decode(details)
    if approval.kind == _EXACT:
        return _marked(list(_exact(details, messages)), messages)
    without = {"type", *_WITHOUT.get(approval.kind, ())}
    if isinstance(details, dict):
        details = {name: value for name, value in details.items() if name not in without}
    lines = [
        Line(name=".".join(path), label=_label(path, messages), text=visible(text))
        for path, text in _flat((), details, messages)
    ]
    return _marked(lines, messages)


def _marked(lines: list[Line], messages: Messages) -> list[Line]:
    """Return the lines after one that names the words which pose as others, if there are any."""
    found = {each.word: each for line in lines for each in lookalikes(line.text)}
    if not found:
        return lines
    told = [
        messages.say(
            "lookalike",
            word=each.word,
            reads=each.reads,
            letters=", ".join(map(described, each.letters)),
        )
        for each in list(found.values())[:_MOST_MARKED]
    ]
    told += ["…"] if len(found) > _MOST_MARKED else []
    label = messages.say(f"field.{WARNING}")
    return [Line(name=WARNING, label=label, text="\n".join(told)), *lines]


def _exact(details: Any, messages: Messages) -> Iterator[Line]:
    """Yield a line for each argument of a call, whatever its name and value are."""
    for name in ("server", "tool"):
        text = visible(str(details[name]))
        yield Line(name=name, label=_label((name,), messages), text=text)
    for name, value in details["arguments"].items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        if isinstance(value, str) and (not value or value != value.strip() or _is_json(value)):
            text = json.dumps(value, ensure_ascii=False)
        yield Line(name=f"arguments.{name}", label=visible(name), text=visible(text))


def _is_json(text: str) -> bool:
    """Return whether a text could be taken for a number, a list or the like."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def as_text(lines: list[Line]) -> str:
    """Return the lines as one text; a value of several lines begins below its label."""
    return "\n".join(
        f"{line.label}:\n{line.text}" if "\n" in line.text else f"{line.label}: {line.text}"
        for line in lines
    )


def outcome_text(approval: Approval, messages: Messages) -> str:
    """Return what came of an approval, in words of the section `approvals`."""
    text = messages.say(f"decided.{approval.status}", title=approval.title)
    if approval.status == "failed" and approval.reason:
        return f"{text} {approval.reason}"
    return "\n".join(part for part in (text, _output(approval.result)) if part)


def _output(result: Any) -> str:
    if isinstance(result, msgspec.Raw):
        result = msgspec.json.decode(result)
    printed = result.get("stdout") if isinstance(result, dict) else None
    return printed.strip()[:_LONGEST_OUTPUT] if isinstance(printed, str) else ""


def _flat(
    path: tuple[str, ...], value: Any, messages: Messages
) -> Iterator[tuple[tuple[str, ...], str]]:
    if value is None or value is False or value in ("", [], {}):
        return
    if path and path[-1] == "argv" and _all_texts(value):
        yield path, shlex.join(value)
    elif len(path) >= _DEEPEST:
        yield path, json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "id" or name.endswith("_id"):
                continue
            yield from _flat((*path, str(name)), inner, messages)
    elif _all_texts(value):
        yield path, "\n".join(value)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _flat((*path, str(number)), inner, messages)
    elif value is True:
        yield path, messages.say("yes")
    else:
        yield path, str(value)


def _all_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _label(path: tuple[str, ...], messages: Messages) -> str:
    """Return the words for each step; a name without words is written out."""
    known = messages.texts
    steps = [known.get(f"field.{step}") or visible(step.replace("_", " ")) for step in path]
    return " · ".join(steps) or known["field.value"]
