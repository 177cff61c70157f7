"""Changing something in the house: lights, covers, heatings, locks, scenes and scripts."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Label, Title
from pisovereign.actions.home_services import INVERSE, HomeAction, can, service_calls, usual_kind
from pisovereign.actions.home_targets import Found, as_choices, find_things, full_name
from pisovereign.actions.intent import ChosenBy, ModelTool
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.home_assistant.types import Kind, ServiceCall
from pisovereign.errors import NotBegun, UpstreamError
from pisovereign.languages.messages import Clock, Messages
from pisovereign.text.untrusted import one_line

Names = Annotated[tuple[Label, ...], Meta(max_length=20)]


class ControlHome(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Change something in the house; a side effect.

    `names` are what things are called; without any, all of a `kind` in the `areas` are meant, and
    with `everything` all there are. `value` is a percentage, or degrees of a temperature, `text`
    what is added to a list of the house.
    """

    action: HomeAction
    names: Names = ()
    areas: Names = ()
    kind: Kind | None = None
    value: Annotated[float, Meta(ge=-100, le=500)] | None = None
    everything: bool = False
    text: Title | None = None


class ControlledHome(Outcome, frozen=True, kw_only=True):
    """The devices that were changed, and how."""

    action: HomeAction
    value: float | None = None
    text: str | None = None
    things: list[Choice] = msgspec.field(default_factory=list)


class HomeChange(msgspec.Struct, frozen=True, kw_only=True):
    """The change that is approved: the calls of services, and the things as they were called."""

    action: HomeAction
    value: float | None
    things: tuple[Choice, ...]
    calls: tuple[ServiceCall, ...]
    text: str | None = None


class ControlHomeAction(DirectAction[ControlHome, ControlledHome], ApprovedAction[ControlHome]):
    """Changes the house: at once what the owner's policy lets people, else after an approval."""

    spec = ActionSpec(
        name="control_home",
        type=ControlHome,
        result=ControlledHome,
        sources=("home",),
        needs="home",
        side_effects=True,
        approval="depends",
        serves=frozenset(("lights", "switches", "heating", "cleaning", "devices", "doors")),
        chosen_by=ChosenBy("names", ("names", "areas", "kind"), several=True),
        model=ModelTool(
            "Ask to change something in the user's house. The user has to approve it.",
            {
                "action": "What to do",
                "names": "Names of things, such as bed light",
                "areas": "Names of rooms; without names: everything of the kind there",
                "kind": "What the things are",
                "value": "A percentage for set_level, degrees for set_temperature",
                "text": "What add_item puts on a list of the house",
            },
            finds=True,
        ),
    )
    kind = "control_home"
    # A call may take as long as an answer, and several may be needed.
    limit_s = 120.0

    async def ask(self, caller: Caller, command: ControlHome) -> NewApproval | None:
        """Return the calls of services with everything they change, if that is not allowed.

        Raises:
            NotConfigured: There is no house for this user.
            UpstreamError: Home Assistant is not there.
            ValidationFailed: A value is missing, or out of range.
        """
        found = await self._find(caller, command)
        if not found.things or self._may(caller, command, found):
            return None
        change = _change(command, found)
        title = _sentence(change, caller)
        return NewApproval(self.kind, title, change)

    async def run(self, caller: Caller, command: ControlHome) -> ControlledHome:
        """Change what needs no approval; where it is not clear what is meant, nothing.

        Raises:
            NotConfigured: There is no house for this user.
            UpstreamError: Home Assistant is not there, or refuses.
            OutcomeUnknown: It was asked, and nobody can tell whether it was done.
            ValidationFailed: A value is missing, or out of range.
        """
        user = caller.identity.user_id
        found = await self._find(caller, command)
        if not found.things:
            return ControlledHome(
                status=found.status, choices=as_choices(found.choices), action=command.action
            )
        if not self._may(caller, command, found):
            # The house or its policy changed since it was prepared.
            raise NotBegun("This needs an approval by now")
        change = _change(command, found)
        await self._backends.home.call(user, change.calls)
        return _result(change)

    def describe(self, result: ControlledHome, messages: Messages, clock: Clock) -> str:
        """Return what was changed, or what may be meant."""
        if result.status != "completed":
            return describe_choices("home", result, messages)
        named = ", ".join(quote(thing.title) for thing in result.things)
        value = quote(_amount(result.value, result.text))
        return messages.say(f"control_home.{result.action}", things=named, value=value)

    async def carry_out(self, approved: Approved) -> ControlledHome:
        """Call exactly the services that were approved, each once."""
        change = msgspec.json.decode(approved.payload, type=HomeChange)
        await self._backends.home.call(approved.user, change.calls)
        return _result(change)

    def inverse(self, result: ControlledHome) -> ControlHome | None:
        """Return what switches, opens or closes the same things again."""
        action = INVERSE.get(result.action)
        if action is None or not result.things:
            return None
        return ControlHome(action=action, names=tuple(thing.id for thing in result.things))

    def _may(self, caller: Caller, command: ControlHome, found: Found) -> bool:
        """Return whether a caller may change these things at once."""
        policy = self._backends.home.policy(caller.identity.user_id)
        return not caller.asks_only and not command.everything and policy.allows(found.things)

    async def _find(self, caller: Caller, command: ControlHome) -> Found:
        house = await self._backends.home.house(caller.identity.user_id)
        kind = command.kind
        if kind is None and not command.names:
            kind = usual_kind(command.action)
        found = find_things(
            house,
            lambda thing: can(command.action, thing),
            names=command.names,
            areas=command.areas,
            kind=kind,
            everything=command.everything,
        )
        away = [thing for thing in found.things if thing.state == "unavailable"]
        if away and len(away) == len(found.things):
            raise UpstreamError(f"{one_line(away[0].name)} does not answer Home Assistant")
        there = tuple(thing for thing in found.things if thing not in away)
        return found._replace(things=there)


def _change(command: ControlHome, found: Found) -> HomeChange:
    return HomeChange(
        action=command.action,
        value=command.value,
        things=tuple(Choice(id=thing.id, title=full_name(thing)) for thing in found.things),
        calls=service_calls(command.action, found.things, command.value, command.text),
        text=command.text,
    )


def _result(change: HomeChange) -> ControlledHome:
    return ControlledHome(
        action=change.action, value=change.value, text=change.text, things=list(change.things)
    )


def _sentence(change: HomeChange, caller: Caller) -> str:
    """Return what an approver reads: everything that is changed, each with its id."""
    messages = messages_in(caller.language)
    listed = ", ".join(f"{one_line(thing.title)} [{thing.id}]" for thing in change.things)
    value = one_line(_amount(change.value, change.text))
    what = messages.say(f"control_home.ask.{change.action}", value=value)
    return messages.say("control_home.ask", what=what, things=listed)


def _amount(value: float | None, text: str | None) -> str:
    """Return what something is set to, or what is added."""
    return text or ("" if value is None else f"{value:g}")
