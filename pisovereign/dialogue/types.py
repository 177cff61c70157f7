"""The state of a conversation: what was done, what was shown, and what is asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from pisovereign.actions.types import Command

MOST_SHOWN = 20
"""As many things of a list can be referred to as an answer in words shows."""
MOST_DONE = 4
"""As many commands of one message can be taken back."""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was shown, and can be referred to: "the second one", "the one at nine".

    Attributes:
        type: The struct that its command or result is of, such as `Reminder`.
        id: What it is known by; None: by its title.
        title: What it was shown as.
        at: When it is, if it has a time.
    """

    type: str
    id: str | None = None
    title: str
    at: dt.datetime | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command that was carried out, or that waits for an approval.

    Attributes:
        command: What was asked for.
        status: What came of it, as `SpokenCommand` has it.
        inverse: What takes it back; None: nothing does.
        approval: What it waits for.
    """

    command: Command
    status: str
    inverse: Command | None = None
    approval: UUID | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the assistant has asked, and waits for.

    Attributes:
        kind: `missing`: for arguments. `choice`: which of several. `confirm`: whether really.
            `offer`: whether it is to do what it proposed.
        type: The name of the command's struct.
        known: Its arguments as far as they are known, as JSON has them.
        missing: The names of the arguments that are asked for.
        choices: Of what one is to be chosen.
        replaces: What the completed command takes the place of.
    """

    kind: Literal["missing", "choice", "confirm", "offer"]
    type: str
    known: dict[str, Any] = {}
    missing: tuple[str, ...] = ()
    choices: tuple[Item, ...] = ()
    replaces: Done | None = None


class DialogueState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message may refer to.

    Attributes:
        done: The commands of the last message that had any, in their order.
        shown: The things that the last answer listed, in its order.
        questions: What is asked; the first one is answered next.
    """

    done: tuple[Done, ...] = ()
    shown: tuple[Item, ...] = ()
    questions: tuple[Question, ...] = ()


class KnownState(msgspec.Struct, frozen=True):
    """A state that was stored, and how long ago.

    Attributes:
        state: The state.
        age_s: Seconds since it was stored, by the database's clock.
        turns: How many messages the user has sent since.
    """

    state: DialogueState
    age_s: float
    turns: int
