"""The state of a conversation: what was done, what was shown, and what is asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from pisovereign.actions.registry import AnyCommand
from pisovereign.actions.types import Command
from pisovereign.languages import Language

MOST_SHOWN = 20
"""As many things of a list can be referred to as an answer in words shows."""
MOST_WAITING = 20
"""As many approvals are known to a conversation."""
MOST_QUESTIONS = 3
"""As many questions wait for their turn."""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was shown, and can be referred to: "the second one", "the one at nine".

    Attributes:
        kind: `reminder`, `alarm`, `timer`, `event`, or `item` of a list; other things can be named,
            and nothing can be done with them.
        id: What it is known by; None: by its title.
        title: What it was shown as.
        at: When it is, if it has a time.
        among: The list that it is on, if it is on one.
    """

    kind: str
    id: str | None = None
    title: str
    at: dt.datetime | None = None
    among: str | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command that was carried out, or that waits for an approval.

    Attributes:
        command: What was asked for.
        at: When.
        inverse: What takes it back; None: nothing does.
        approval: What it waits for.
        items: What it made, changed or showed.
        ended: `failed`: nothing came of it. `gone`: it was withdrawn, or not approved.
        text: What was answered.
    """

    command: AnyCommand
    at: dt.datetime
    inverse: AnyCommand | None = None
    approval: UUID | None = None
    items: tuple[Item, ...] = ()
    ended: Literal["failed", "gone"] | None = None
    text: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question the assistant has asked, and waits for the answer to.

    Attributes:
        kind: `missing`: for arguments. `choice`: which of several. `confirm`: whether really.
            `offer`: whether it is to do what it proposed.
        type: The name of the command's struct.
        known: Its arguments as far as they are known, as JSON has them.
        missing: The names of the arguments that are asked for.
        choices: Of what one is to be chosen.
        commands: What is done for each of them; empty: the command, about the chosen one.
        at: When it was asked.
        passed: How many messages of the user were about something else since.
    """

    kind: Literal["missing", "choice", "confirm", "offer"]
    type: str
    known: dict[str, Any] = {}
    missing: tuple[str, ...] = ()
    choices: tuple[Item, ...] = ()
    commands: tuple[AnyCommand, ...] = ()
    at: dt.datetime
    passed: int = 0


class DialogueState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The things a message may refer to.

    Attributes:
        language: What the last of these messages was in.
        last: The command that was asked for last.
        effect: The last one that changed something.
        shown: The things that the last answer showed, in its order.
        questions: What is asked; the first one is answered next.
        asks_only: Somebody has spoken in it who may only ask, as a model: whatever changes
            something needs an approval, whoever goes on from there.
        waiting: The approvals that were asked for in it, the last ones at the end.
        asked: Those of them that the last answer told of, and held no text of others.
        whole: The one of these that it showed with all that it does.
    """

    language: str
    last: Done | None = None
    effect: Done | None = None
    shown: tuple[Item, ...] = ()
    questions: tuple[Question, ...] = ()
    asks_only: bool = False
    waiting: tuple[UUID, ...] = ()
    asked: tuple[UUID, ...] = ()
    whole: UUID | None = None


class KnownState(msgspec.Struct, frozen=True):
    """A state that was stored, and how long ago.

    Attributes:
        state: The state.
        age_s: Seconds since it was stored, by the database's clock.
        turns: How many messages the user has sent since.
        version: How often the conversation's state was stored before it.
    """

    state: DialogueState
    age_s: float
    turns: int
    version: int = 0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Carry a command out; once that is done, take back what it `replaces`."""

    command: Command
    replaces: Done | None = None


class Withdraw(msgspec.Struct, frozen=True):
    """Withdraw what was asked for, as long as nobody has approved it."""

    done: Done
    approval: UUID


class Ask(msgspec.Struct, frozen=True):
    """Ask for what is missing, or which thing is meant, or whether really."""

    question: Question


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Say a sentence: one of the texts in `section`, by its key."""

    key: str
    section: str = "dialogue"
    values: dict[str, str] = {}


class Note(msgspec.Struct, frozen=True):
    """Remember what a message states of its user, which is all that it says."""

    message: str


class Decide(msgspec.Struct, frozen=True, kw_only=True):
    """Approve the one thing of a conversation that waits, or show it if that was not done.

    Attributes:
        waiting: The approvals that were asked for in the conversation.
        shown: Those that the last answer told of.
        text: That answer.
        whole: The one that it showed with all that it does.
    """

    waiting: tuple[UUID, ...]
    shown: tuple[UUID, ...]
    text: str
    whole: UUID | None


Step = Run | Withdraw | Ask | Say | Note | Decide


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The steps that are to be taken for a message, in their order.

    Attributes:
        steps: What is to be done.
        language: The language that the message was read in; None: its words do not tell.
        answered: It answers the first question, which is not asked any longer.
    """

    steps: tuple[Step, ...]
    language: Language | None = None
    answered: bool = False
