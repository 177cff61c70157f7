"""Actions are checked and carried out here, wherever they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.action import Action, ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.canonical import canonical_command
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.metrics import CommandMetrics
from pisovereign.actions.outcome import Outcome, Undecided
from pisovereign.actions.spec import Client
from pisovereign.actions.types import Command, Completed, Pending
from pisovereign.api_keys import Identity
from pisovereign.approvals.types import Approval, NewApproval
from pisovereign.catalog.types import Execution
from pisovereign.errors import NotConfigured, PiSovereignError, ValidationFailed
from pisovereign.languages import Language
from pisovereign.languages.messages import Clock
from pisovereign.locales import Zones
from pisovereign.text.untrusted import one_line
from pisovereign.validation import check

C = TypeVar("C", bound=msgspec.Struct)


class Approvals(Protocol):
    """Where approvals are asked for."""

    async def request(
        self, identity: Identity, kind: str, title: str, payload: Any, approval: UUID | None
    ) -> Approval:
        """Ask for an approval; under an id of the caller's, once."""
        ...


class Asked(NamedTuple):
    """An approval that was asked for, and what was shown for it."""

    approval: Approval
    new: NewApproval


class ActionService:
    """Every action, by its name or by its struct.

    Args:
        actions: All that there are.
        approvals: Where approvals are asked for.
        zones: Returns the zone that times are told in to somebody.
        meter: Counts each command.
    """

    def __init__(
        self,
        actions: Iterable[Action[Any]],
        approvals: Approvals,
        zones: Zones,
        meter: CommandMetrics | None = None,
    ) -> None:
        self._actions = {action.spec.type: action for action in actions}
        self._approvals = approvals
        self._zones = zones
        self._meter = meter or CommandMetrics()

    def command(self, name: str, args: object, client: Client = "commands") -> msgspec.Struct:
        """Return the command with a name and its arguments; its times are in UTC.

        Raises:
            ValidationFailed: There is no such command, or arguments break rules; names each.
        """
        spec = registry.find(name, client)
        # What people ask for by `/v1/commands` has its arguments in the field `args`.
        path = "args" if "commands" in spec.clients else ""
        command, errors = check({} if args is None else args, spec.type, path)
        if command is None:
            raise ValidationFailed(errors)
        return _in_utc(command)

    async def run(self, caller: Caller, command: msgspec.Struct) -> Completed | Pending:
        """Carry a command out, or ask for the approval that it needs.

        Raises:
            NotConfigured: Its source is not set up.
            UpstreamError: Its source fails.
            ValidationFailed: The source refuses an argument.
            Conflict: Too many approvals are pending.
        """
        kind = registry.spec_of(command).type_name
        with self._meter.command(kind) as outcome:
            done = await self.carry_out(caller, command)
            answer: Completed | Pending
            if isinstance(done, Asked):
                answer = self._pending(kind, done, caller)
            else:
                answer = self._completed(kind, command, done, caller)
            outcome.status = answer.status
        return answer

    async def carry_out(self, caller: Caller, command: msgspec.Struct) -> Asked | msgspec.Struct:
        """Do the same, and return the result without words, or the `Asked` approval."""
        command = _as_shown(command)
        try:
            new = await self.prepare(caller, command)
        except Undecided as undecided:
            return undecided.result
        if new is not None:
            asked = await self._approvals.request(caller.requester, *new, caller.approval)
            return Asked(asked, new)
        action = self._actions[type(command)]
        assert isinstance(action, DirectAction)
        result: msgspec.Struct = await action.run(caller, command)
        return result

    async def prepare(self, caller: Caller, command: msgspec.Struct) -> NewApproval | None:
        """Return what has to be approved before a command is carried out; None: nothing.

        Raises:
            NotConfigured: Its source is not set up.
            UpstreamError: Its source fails.
            ValidationFailed: The source refuses an argument.
        """
        return await self._actions[type(command)].prepare(caller, _as_shown(command))

    def describe(
        self, command: type[msgspec.Struct], result: Any, user: UUID, language: Language
    ) -> str:
        """Return the result of a command in words, with times as they are where a user is."""
        action = self._actions[command]
        if isinstance(action, ApprovedAction) and not isinstance(action, DirectAction):
            return action.describe_undecided(result, messages_in(language))
        assert isinstance(action, DirectAction)
        return action.describe(result, messages_in(language), self._clock(user))

    def inverse(self, completed: Completed) -> Command | None:
        """Return the command that undoes what a command did; None: nothing does, or did."""
        if completed.status != "completed":
            return None
        spec = registry.spec_of_type(completed.command)
        action = self._actions[spec.type]
        if not isinstance(action, DirectAction) or not spec.side_effects:
            return None
        return cast("Command | None", action.inverse(completed.result))

    def explain(self, command: msgspec.Struct, error: PiSovereignError, language: Language) -> str:
        """Return one sentence that says honestly why a command has no result."""
        messages = messages_in(language)
        sources = registry.spec_of(command).sources
        source = messages.say(f"source.{sources[0]}" if sources else "source")
        match error:
            case NotConfigured():
                return messages.say("failure.not_configured", source=source, setting=error.setting)
            case ValidationFailed():
                return messages.say("failure.refused", reason=quote(error.reasons))
            case _:
                return messages.say("failure.failed", source=source, reason=quote(error.message))

    def _completed(
        self, kind: str, command: msgspec.Struct, result: Any, caller: Caller
    ) -> Completed:
        return Completed(
            command=kind,
            status=result.status if isinstance(result, Execution | Outcome) else "completed",
            result=result,
            text=self.describe(type(command), result, caller.identity.user_id, caller.language),
            executed_at=dt.datetime.now(dt.UTC),
        )

    def _pending(self, kind: str, asked: Asked, caller: Caller) -> Pending:
        # Its own title: one that is there already may ask for something else than this attempt.
        approval, title = asked.approval, asked.approval.title
        until = self._clock(caller.identity.user_id).time(approval.expires_at)
        return Pending(
            command=kind,
            approval_id=approval.id,
            expires_at=approval.expires_at,
            title=title,
            text=messages_in(caller.language).say("pending", until=until, title=one_line(title)),
        )

    def _clock(self, user: UUID) -> Clock:
        return Clock(dt.datetime.now(dt.UTC), self._zones(user))


def _as_shown(command: C) -> C:
    """Return what changes something in the one form in which it is shown and done."""
    return canonical_command(command) if registry.spec_of(command).side_effects else command


def _in_utc(command: C) -> C:
    """Return the command with all of its times in UTC."""
    times = {
        name: value.astimezone(dt.UTC)
        for name, value in msgspec.structs.asdict(command).items()
        if isinstance(value, dt.datetime)
    }
    return msgspec.structs.replace(command, **times)
