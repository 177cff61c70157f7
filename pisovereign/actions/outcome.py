"""How commands end that are about stored things, which words may fit none, one or several of."""

from __future__ import annotations

from typing import Literal

import msgspec

OutcomeStatus = Literal["completed", "needs_choice", "needs_confirmation", "not_found"]
Unclear = Literal["needs_choice", "not_found"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A stored thing that may be meant."""

    id: str
    title: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended; only what is `completed` has changed something.

    With `needs_choice` one of `choices` has to be named, with `needs_confirmation` all of them are
    meant and have to be confirmed, and with `not_found` they are what there is instead.
    """

    status: OutcomeStatus = "completed"
    choices: list[Choice] = msgspec.field(default_factory=list)


class Undecided(Exception):
    """A request that is not clear yet; nothing was done, and nobody is asked to approve it.

    Attributes:
        result: What there is to choose from, or what is missing.
    """

    def __init__(self, result: Outcome) -> None:
        super().__init__(result.status)
        self.result = result


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The things that an approval shows, and that are acted on when it is approved."""

    chosen: list[Choice]
