"""Actions: things that the assistant can do, each described and carried out by one module.

Each module of an action holds a struct with what is asked for, an `ActionSpec` that describes it,
and a class that carries it out. `registry.py` lists the classes.
"""

from __future__ import annotations

import abc
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec

from pisovereign.actions.backends import Backends
from pisovereign.actions.caller import Caller
from pisovereign.actions.outcome import Outcome
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages

C = TypeVar("C", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class Action(abc.ABC, Generic[C]):
    """Something that can be done.

    Args:
        backends: What it is done with.
    """

    spec: ClassVar[ActionSpec]

    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    async def prepare(self, caller: Caller, command: C) -> NewApproval | None:
        """Return what a person has to approve before this is done; None: nothing.

        Raises:
            NotConfigured: What it changes is not set up.
            ValidationFailed: It cannot be carried out as it was asked for.
            UpstreamError: What it is about cannot be looked for.
        """
        return None


class DirectAction(Action[C], Generic[C, R]):
    """An action that is carried out at once, where no approval is needed."""

    @abc.abstractmethod
    async def run(self, caller: Caller, command: C) -> R:
        """Carry it out.

        Raises:
            NotConfigured: Its source is not set up.
            UpstreamError: Its source fails.
            ValidationFailed: The source refuses an argument.
        """

    def inverse(self, result: R) -> msgspec.Struct | None:
        """Return the command that takes back what was done; None: nothing was, or nothing can."""
        return None

    @abc.abstractmethod
    def describe(self, result: R, messages: Messages, clock: Clock) -> str:
        """Return a result in words; what others wrote stays in its line."""


class ApprovedAction(Action[C]):
    """An action that a person approves: the executor of its kind of approvals.

    `kind` is stored with approvals, and so is the payload that `ask` makes: a later version has
    to carry out what an earlier one asked for.

    Attributes:
        at_once: Whether a person may do it without an approval.
    """

    kind: ClassVar[str]
    at_once: ClassVar[bool] = False

    async def prepare(self, caller: Caller, command: C) -> NewApproval | None:
        """Return what has to be approved, exactly as it will be carried out; None: nothing.

        The rule of all actions is here: without an approval happens only what an action says may,
        and nothing at all for one who may only ask.

        Raises:
            Undecided: It is not clear what is meant; `describe_undecided` says what is asked.
        """
        user = caller.identity.user_id
        self.check(user, command)
        if not caller.asks_only and self.is_done_at_once(user, command):
            return None
        return await self.ask(caller, command)

    def check(self, user: UUID, command: C) -> None:
        """Refuse what cannot be carried out, whoever asks.

        Raises:
            NotConfigured: What it changes is not set up.
            ValidationFailed: It cannot be carried out as it was asked for.
        """
        return

    def is_done_at_once(self, user: UUID, command: C) -> bool:
        """Return whether a person may do this without an approval."""
        return self.at_once

    @abc.abstractmethod
    async def ask(self, caller: Caller, command: C) -> NewApproval | None:
        """Return what has to be approved.

        None is for what is not clear, of which `run` then asks what is meant and changes nothing;
        and for what was allowed before, as commands of the catalog may be.

        Raises:
            Undecided: As `prepare`.
        """

    def describe_undecided(self, result: Outcome, messages: Messages) -> str:
        """Return what is asked, where `prepare` raised `Undecided` with a result."""
        raise NotImplementedError

    @property
    def is_available(self) -> bool:
        """Return whether there is anything that could carry it out."""
        return True

    def is_available_to(self, user: UUID) -> bool:
        """Return whether what it needs is set up for a user now."""
        needs = self.spec.needs
        return needs is None or self._backends.has(user, needs)

    @property
    @abc.abstractmethod
    def limit_s(self) -> float:
        """The longest time it may take, in seconds; then it is canceled."""

    @abc.abstractmethod
    async def carry_out(self, approved: Approved) -> Any:
        """Do what was approved; called once at most for each approval.

        Returns what is to be kept as the result, to be written as JSON.

        Raises:
            PiSovereignError: It failed; the message becomes the reason.
        """
