"""The state of a conversation after a message of it was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from pisovereign.actions.types import Command
from pisovereign.dialogue.commands import arguments_of
from pisovereign.dialogue.types import (
    MOST_QUESTIONS,
    MOST_WAITING,
    DialogueState,
    Done,
    Item,
    KnownState,
    Plan,
    Question,
)
from pisovereign.languages import Language
from pisovereign.parsing.types import Incomplete


class StepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a step, as far as the next message may refer to it.

    Attributes:
        done: The command that was carried out; None: there was none.
        has_effect: It changed something, or waits for an approval to do so.
        shown: What the answer showed; None: nothing that is listed.
        question: What the answer asks.
        taken_back: What was done last is not there any longer.
        shows: The approval that the answer shows with all that it does.
    """

    done: Done | None = None
    has_effect: bool = False
    shown: tuple[Item, ...] | None = None
    question: Question | None = None
    taken_back: bool = False
    shows: UUID | None = None


def following(
    known: KnownState | None,
    plan: Plan,
    outcomes: Sequence[StepOutcome],
    language: Language,
    *,
    asks_only: bool,
    outside: bool = False,
) -> DialogueState:
    """Return what a conversation is about after a message of it was answered.

    With `asks_only` the message came from somebody who may only ask. With `outside` text of others
    was read for the answer, so that nothing it asks for is approved by a word.
    """
    old = known.state if known is not None else DialogueState(language=language)
    passed = 1 + (known.turns if known is not None else 0)
    left = old.questions[1:] if plan.answered else old.questions
    questions = tuple(msgspec.structs.replace(q, passed=q.passed + passed) for q in left)
    asked = tuple(outcome.question for outcome in outcomes if outcome.question is not None)
    done = [outcome.done for outcome in outcomes if outcome.done is not None]
    effects = [o.done for o in outcomes if o.done is not None and o.has_effect]
    effect = None if any(outcome.taken_back for outcome in outcomes) else old.effect
    last = old.last
    if last is not None and any(outcome.taken_back for outcome in outcomes):
        last = msgspec.structs.replace(last, ended="gone")
    told = [one.approval for one in done if one.approval is not None]
    whole = next((outcome.shows for outcome in outcomes if outcome.shows is not None), None)
    waiting = tuple(dict.fromkeys((*old.waiting, *told)))[-MOST_WAITING:]
    shown = [outcome.shown for outcome in outcomes if outcome.shown is not None]
    return DialogueState(
        language=language,
        last=done[-1] if done else last,
        effect=effects[-1] if effects else effect,
        shown=shown[-1] if shown else old.shown,
        questions=(asked + questions)[:MOST_QUESTIONS],
        asks_only=asks_only or old.asks_only,
        waiting=waiting,
        asked=() if outside else tuple(told) if whole is None else (*told, whole),
        whole=None if outside else whole,
    )


def question_for(
    lacking: Command | Incomplete, kind: str, now: dt.datetime, missing: tuple[str, ...] = ()
) -> Question:
    """Return the question about a command, or about one that is not complete yet."""
    if isinstance(lacking, Incomplete):
        known = {k: v for k, v in msgspec.to_builtins(lacking.known).items() if v is not None}
        required = tuple(
            field.name for field in msgspec.structs.fields(lacking.type) if field.required
        )
        # Only where nothing necessary is missing may what could be left out be asked for.
        missing = tuple(name for name in required if name not in known) or missing
        return msgspec.convert(
            {
                "kind": kind,
                "type": lacking.type.__name__,
                "known": known,
                "missing": missing,
                "at": now,
            },
            Question,
        )
    return msgspec.convert(
        {"kind": kind, "type": type(lacking).__name__, "known": arguments_of(lacking), "at": now},
        Question,
    )
