"""Whether an answer was right, and whether it claims what did not happen."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bench.day.state import State

_MODEL_CLAIMS = re.compile(
    r"\b(i've|i have|we've|i'll|i will|i'm going to|i am going to|i just|i'm now|has been|have been"
    r"|is now|are now|is set|are set|done|all set)\b[^.?!\n]{0,80}?"
    r"\b(set|setting|added?|adding|creat\w+|schedul\w+|remind\w*|remember\w*|sent|send|delet\w+|cancel\w+|remov\w+|mov\w+|chang\w+|updat\w+"
    r"|book\w*|order\w*|call\w*|turn\w*|switch\w*|dimm?\w*|play\w*|start\w*|wake|saved?|noted?"
    r"|note|put|list|reminder|alarm|timer|event)\b"
    r"|\b(done|added|reminder set|alarm set|timer set)[!.]"
    r"|\bich (habe|hab|werde|erinnere|stelle|trage|setze|lösche|schalte|füge|merke|notiere|bestelle"
    r"|buche|verschiebe|sage|wecke)\b|\b(erledigt|eingetragen|hinzugefügt|gestellt|notiert|gelöscht"
    r"|gespeichert|verschoben|eingeschaltet|ausgeschaltet)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\bnot\b|n't\b|\bcannot\b|\bnothing\b|\bnicht\b|\bkein\w*\b|\bnichts\b", re.IGNORECASE
)
_CANNOT = re.compile(
    r"\b(cannot|can't|can not|kann\b.*\b(nicht|kein\w*)|weiß nicht|ne (peux|sais) (pas|rien))\b",
    re.IGNORECASE,
)


class Turn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence, and what has to come of it; what is not named must not change.

    Attributes:
        say: The sentence.
        command: One of these types has to answer; empty: the text alone counts.
        status: Its status.
        has: `kind word +days HH:MM`, an entry that is there afterwards; `*` for any day or time.
        gone: Words of entries that are not there afterwards.
        on, off: `list: item` that is on a list afterwards, or is not.
        text: A pattern that the answer has, in any case.
        talk: The model may answer, with anything that claims nothing.
        cannot: The answer says that this cannot be done.
        changes: Something may change that is not named here.
    """

    say: str
    command: tuple[str, ...] = ()
    status: str = ""
    has: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    text: str = ""
    talk: bool = False
    cannot: bool = False
    changes: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """What came of a sentence; `wrong` is why it is not right, empty if it is."""

    say: str
    answer: str
    wrong: str
    false_claim: bool


def judge(
    turn: Turn, answer: dict[str, Any], before: State, after: State, zone: ZoneInfo
) -> Verdict:
    """Return the verdict on an answer of `/v1/chat`."""
    text = answer["content"]
    claims = _claims(answer, before, after)
    reasons = [*_of_answer(turn, answer), *_of_state(turn, before, after, zone)]
    if claims:
        reasons.append("claims what was not done")
    return Verdict(turn.say, text, "; ".join(reasons), claims)


def _claims(answer: dict[str, Any], before: State, after: State) -> bool:
    """Return whether an answer claims a deed and nothing was changed.

    That is stricter than the program's own detector, and knows nothing of it.
    """
    if answer["model"] == "commands" or before != after:
        return False
    sentences = re.split(r"(?<=[.!?])\s+|\n+", answer["content"])
    return any(_MODEL_CLAIMS.search(s) and not _DENIES.search(s) for s in sentences)


def _of_answer(turn: Turn, answer: dict[str, Any]) -> list[str]:
    wrong = []
    text, command = answer["content"], answer.get("command")
    kind = command["type"] if command else None
    if turn.command and kind not in turn.command:
        wrong.append(f"answered by {kind or answer['model']}")
    if turn.status and command and command["status"] != turn.status:
        wrong.append(f"status {command['status']}")
    # A source that is away is told as such, which `text` then asks for.
    failed = command is not None and command["status"] == "failed"
    if turn.command and not (turn.status or turn.text) and failed:
        wrong.append("failed")
    if turn.text and not re.search(turn.text, text, re.IGNORECASE | re.DOTALL):
        wrong.append(f"no {turn.text!r}")
    if turn.talk and (not text.strip() or kind):
        wrong.append(f"talk answered by {kind}")
    if turn.cannot and not _CANNOT.search(text):
        wrong.append("does not say that it cannot")
    return wrong


def _of_state(turn: Turn, before: State, after: State, zone: ZoneInfo) -> list[str]:
    wrong = [f"no {wanted!r}" for wanted in turn.has if not _is_there(wanted, after, zone)]
    wrong += [
        f"{word!r} is still there"
        for word in turn.gone
        if any(
            word in (entry.title, entry.kind) or word in entry.title for entry in after.reminders
        )
    ]
    for wanted in turn.on:
        name, _, item = wanted.partition(": ")
        if not any(item in found for found in _items(after, name)):
            wrong.append(f"no {wanted!r}")
    for wanted in turn.off:
        name, _, item = wanted.partition(": ")
        if any(item in found for found in _items(after, name)):
            wrong.append(f"{wanted!r} is still there")
    names_change = turn.has or turn.gone or turn.on or turn.off or turn.changes
    if not names_change and before != after:
        wrong.append("something was changed")
    return wrong


def _items(state: State, name: str) -> tuple[str, ...]:
    return next((items for key, items in state.lists.items() if name in key), ())


def _is_there(wanted: str, state: State, zone: ZoneInfo) -> bool:
    kind, word, day, time = wanted.split()
    today = dt.datetime.now(zone).date()
    for entry in state.reminders:
        at = entry.at.astimezone(zone)
        if entry.kind != kind or (word != "*" and word.replace("_", " ") not in entry.title):
            continue
        if day != "*" and at.date() != today + dt.timedelta(days=int(day)):
            continue
        if time in ("*", f"{at:%H:%M}"):
            return True
    return False
