"""How many sentences that refer to nothing are taken for follow-ups, on public data.

`python -m bench.followups FILE`: each line of FILE is an intent, a tab and a sentence said on its
own (HWU64's form). Each is read in several states of a conversation as if it were the next message,
without the parser that would recognize most of them as commands of their own: what is left is what
the dialogue's words alone take. "Changes" are those that would make, change or remove something.

Sentences of the intents that do refer to something, such as `general_commandstop`, are counted
apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bench.environment import describe
from pisovereign.actions import types
from pisovereign.actions.registry import spec_of
from pisovereign.dialogue.service import DialogueService, Said
from pisovereign.dialogue.store import DialogueStore
from pisovereign.dialogue.types import DialogueState, Done, Item, KnownState, Plan, Question, Run
from pisovereign.languages import Language
from pisovereign.parsing.parser import Parser
from pisovereign.reading.time_fragments import TimeSlots

ZONE = ZoneInfo("Europe/Berlin")
NOW = dt.datetime.now(dt.UTC)
AT = NOW + dt.timedelta(days=1)
# What somebody says to an assistant about what it has just said or done.
REFERRING = frozenset(
    (
        "general_affirm", "general_commandstop", "general_confirm", "general_dontcare",
        "general_negate", "general_repeat",
    )
)  # fmt: skip

_USER = UUID(int=0)


class Times:
    """Finds times."""

    def __init__(self) -> None:
        self._parser = Parser()

    def times(self, user: UUID, language: Language, text: str, now: dt.datetime) -> TimeSlots:
        """Return the times in a text."""
        return self._parser.times(language, text, now, ZONE)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in one state."""

    state: str
    sentences: int
    taken: int
    changes: int
    taken_referring: int
    referring: int
    median_ms: float
    p99_ms: float


def states() -> dict[str, DialogueState | None]:
    """Return the states that the sentences are read in."""
    shown = tuple(
        Item(kind="reminder", id=str(UUID(int=n)), title=title, at=AT + dt.timedelta(hours=n))
        for n, title in enumerate(("bins", "call the dentist", "water the plants"))
    )
    made = Done(
        command=types.CreateReminder(title="bins", remind_at=AT),
        at=NOW,
        inverse=types.CancelReminders(reminder_id=UUID(int=0)),
        items=shown[:1],
    )
    added = Done(
        command=types.AddToList(items=("milk",)),
        at=NOW,
        inverse=types.RemoveFromList(items=("milk",)),
    )
    weather = Done(command=types.CurrentWeather(), at=NOW)
    known = {"title": "bins", "remind_at": AT.isoformat()}
    when = Question(
        kind="missing", type="CreateReminder", known={"title": "bins"}, missing=("remind_at",),
        at=NOW,
    )  # fmt: skip
    offer = Question(kind="offer", type="CreateReminder", known=known, at=NOW)
    which = Question(kind="choice", type="CancelReminders", choices=shown, at=NOW)
    return {
        "nothing was said": None,
        "a reminder was made": DialogueState(language="en", last=made, effect=made),
        "milk was added to a list": DialogueState(language="en", last=added, effect=added),
        "the weather was told": DialogueState(language="en", last=weather, effect=made),
        "reminders were listed": DialogueState(language="en", last=weather, shown=shown),
        "“When?” was asked": DialogueState(language="en", questions=(when,)),
        "“Which one?” was asked": DialogueState(language="en", shown=shown, questions=(which,)),
        "a reminder was offered": DialogueState(language="en", questions=(offer,)),
    }


def main() -> None:
    """Read each sentence in each state, and print what was taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print what changes something")
    given = parser.parse_args()
    lines = given.file.read_text("utf-8").splitlines()
    sentences = [(intent, text) for intent, _, text in (line.partition("\t") for line in lines)]
    print(msgspec.json.format(msgspec.json.encode(describe())).decode())
    service = DialogueService(cast("DialogueStore", None), Times())
    print("| State | Others taken | of them changes | Referring taken | p50 / p99 |")
    print("| --- | --- | --- | --- | --- |")
    for name, state in states().items():
        row = measure(service, name, state, sentences, show=given.show)
        print(
            f"| {row.state} | {row.taken} of {row.sentences} | {row.changes}"
            f" | {row.taken_referring} of {row.referring}"
            f" | {row.median_ms:.1f} / {row.p99_ms:.1f} ms |"
        )


def measure(
    service: DialogueService,
    name: str,
    state: DialogueState | None,
    sentences: list[tuple[str, str]],
    *,
    show: bool,
) -> Row:
    """Return what one state takes for follow-ups."""
    counts: Counter[str] = Counter()
    took_ms: list[float] = []
    known = None if state is None else KnownState(state, 1.0, 0)
    for intent, text in sentences:
        begun = time.perf_counter()
        plan = service.plan(Said(_USER, text, NOW), "en", known, ())
        took_ms.append((time.perf_counter() - begun) * 1000)
        kind = "referring" if intent in REFERRING else "other"
        counts[kind] += 1
        counts[f"taken {kind}"] += plan is not None
        if plan is not None and kind == "other" and _changes(plan):
            counts["changes"] += 1
            if show:
                print(f"  {name}: {intent}: {text}")
    return Row(
        state=name,
        sentences=counts["other"],
        taken=counts["taken other"],
        changes=counts["changes"],
        taken_referring=counts["taken referring"],
        referring=counts["referring"],
        median_ms=statistics.median(took_ms),
        p99_ms=statistics.quantiles(took_ms, n=100)[98],
    )


def _changes(plan: Plan) -> bool:
    return any(isinstance(s, Run) and spec_of(s.command).side_effects for s in plan.steps)


if __name__ == "__main__":
    main()
