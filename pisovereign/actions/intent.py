"""Ways in which people ask for an action, and how a conversation goes on from it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pisovereign.reading.partial_commands import ArgumentReader

Thing = Literal["reminder", "alarm", "timer", "event"]
"""The kinds of things that a conversation can go on from: "cancel that", "the second one"."""


class Intent(NamedTuple):
    """Something that people say for an action.

    Attributes:
        name: What the forms and the training examples of each language call it. That of a form may
            be longer: `clock_week` is a `clock`.
        read: Reads the arguments.
        kind: The `kind` of commands that it stands for; None: of all.
        least: How likely it has to be at least; None: as likely as every other.
        timed: Times in a sentence say when; else they are a part of what is said.
        past: Something is known of the past.
        quotes: It may quote what would forbid other effects, since it is shown before it is done.
    """

    name: str
    read: ArgumentReader
    kind: str | None = None
    least: float | None = None
    timed: bool = True
    past: bool = True
    quotes: bool = False


class CommandSlots(NamedTuple):
    """The names of a command's arguments, by what they are; None: it has no such argument.

    Attributes:
        moment: When something happens.
        end: When it ends, which moves with its beginning.
        days: The first of some days; `day_count` is how many.
        day_count: How many days.
        date: A day.
        seconds: How long it takes.
        place: Where.
        text: What it is about, in the user's words.
        topic: Which of several things is asked about, in the user's words.
        items: Several things.
        list: The name of a list.
        amount: A number.
    """

    moment: str | None = None
    end: str | None = None
    days: str | None = None
    day_count: str | None = None
    date: str | None = None
    seconds: str | None = None
    place: str | None = None
    text: str | None = None
    topic: str | None = None
    items: str | None = None
    list: str | None = None
    amount: str | None = None


NO_SLOTS = CommandSlots()


class Handling(NamedTuple):
    """An action's part in a conversation: what it does with the things that were shown.

    Attributes:
        makes: The kind of what it makes, or changes.
        moves: The kinds of things that it puts to another time.
        removes: The kinds that it takes away.
        by: The argument with the id of what is moved or taken away.
        day: The argument with its day beside `about`, for what has no id.
    """

    makes: Thing | None = None
    moves: tuple[Thing, ...] = ()
    removes: tuple[Thing, ...] = ()
    by: str | None = None
    day: str | None = None


NO_HANDLING = Handling()


class ChosenBy(NamedTuple):
    """How a command says which one of several things is meant.

    Attributes:
        argument: What takes its id.
        instead_of: The arguments in whose place it stands.
        several: The argument is a list.
    """

    argument: str
    instead_of: tuple[str, ...] = ("about", "at", "kind", "day", "days")
    several: bool = False


class ModelTool(NamedTuple):
    """An action as a model is told of it.

    In English, whatever language somebody speaks: so the prompt's beginning is the same for
    everybody, and models were trained so. What is not described a model cannot ask for: ids,
    confirmations, further limits.

    Attributes:
        description: What it does and when it is of use.
        arguments: The arguments that a model may give, in the order in which it is told of them.
        timed: Those that may only be given if somebody said when.
        quoted: Those that have to be repeated from what was said or looked up.
        finds: What is asked for names what was found, as others called it.
        everybodys: Everybody's models are told of it; else only where it is set up for the user.
    """

    description: str
    arguments: dict[str, str]
    timed: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    finds: bool = False
    everybodys: bool = False
