"""How things of the house are: whether a door is open, how warm a room is."""

from __future__ import annotations

from typing import Literal

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.control_home import Names
from pisovereign.actions.home_targets import as_choices, find_things, full_name
from pisovereign.actions.intent import ChosenBy, ModelTool
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.outcome import Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.home_assistant.types import Kind, Thing
from pisovereign.languages.messages import Clock, Messages

# Windows and doors are contacts, and some are covers.
Opening = Literal["window", "door"]
HomeWord = Literal[Kind, Opening]
About = Literal["state", "temperature", "humidity"]
AskedState = Literal["on", "off", "open", "closed", "locked", "unlocked"]
_MOST_THINGS = 40
_OPENINGS = frozenset(("door", "garage_door", "window", "opening", "lock"))
# What is no state of its own to people: it only begins to be one.
_SAME = {"opening": "open", "closing": "closed", "locking": "locked", "unlocking": "unlocked"}


class HomeState(Command, frozen=True, kw_only=True, omit_defaults=True):
    """How things of the house are, or which of a kind are in a state.

    `names` are what things are called; without any, all of a `kind` in the `areas` are meant.
    `about` asks for the state, or for a temperature or humidity; `state` for those that are so.
    """

    names: Names = ()
    areas: Names = ()
    kind: HomeWord | None = None
    about: About = "state"
    state: AskedState | None = None


class ThingState(msgspec.Struct, frozen=True, kw_only=True):
    """How a thing is: its state as words know it, or a measured value with its unit."""

    id: str
    title: str
    kind: Kind
    state: str
    value: str = ""
    target: str = ""


class HomeStates(Outcome, frozen=True, kw_only=True):
    """How things are; `asked` is the state that was asked for, `one`: of one thing alone."""

    things: list[ThingState] = msgspec.field(default_factory=list)
    asked: AskedState | None = None
    one: bool = False


class HomeStateAction(DirectAction[HomeState, HomeStates]):
    """Reads the house from what Home Assistant told last."""

    spec = ActionSpec(
        name="home_state",
        type=HomeState,
        result=HomeStates,
        sources=("home",),
        needs="home",
        chosen_by=ChosenBy("names", ("names", "areas", "kind"), several=True),
        model=ModelTool(
            "Tell how things in the user's house are: lights, doors, windows, heating, "
            "temperatures.",
            {
                "names": "Names of things, such as front door",
                "areas": "Names of rooms; without names: everything of the kind there",
                "kind": "What the things are",
                "about": "state, temperature or humidity",
                "state": "Only those that are in this state",
            },
        ),
    )

    async def run(self, caller: Caller, command: HomeState) -> HomeStates:
        """Return how things are.

        Raises:
            NotConfigured: There is no house for this user.
            UpstreamError: Home Assistant is not there.
        """
        house = await self._backends.home.house(caller.identity.user_id)
        found = find_things(
            house,
            lambda thing: _tells(command, thing),
            names=command.names,
            areas=command.areas,
            kind=_kind(command.kind),
            everything=not command.names,
        )
        if not found.things:
            return HomeStates(status=found.status, choices=as_choices(found.choices))
        told = found.things[:_MOST_THINGS]
        states = [await self._told(caller, command, thing) for thing in told]
        one = len(states) == 1
        if command.state is not None and not one:
            states = [each for each in states if each.state == command.state]
        return HomeStates(things=states, asked=command.state, one=one)

    async def _told(self, caller: Caller, command: HomeState, thing: Thing) -> ThingState:
        told = _state(command.about, thing)
        if thing.kind != "list":
            return told
        items = await self._backends.home.items(caller.identity.user_id, thing.id)
        return msgspec.structs.replace(told, value=", ".join(items))

    def describe(self, result: HomeStates, messages: Messages, clock: Clock) -> str:
        """Return how things are: one in a sentence, several one a line."""
        if result.status != "completed":
            return describe_choices("home", result, messages)
        if not result.things:
            asked = result.asked or "on"
            return messages.say(f"home_state.none.{asked}")
        lines = [_line(each, messages) for each in result.things]
        if not result.one or result.asked is None:
            return lines[0] if len(lines) == 1 else bullets(lines, messages)
        agrees = "yes" if result.things[0].state == result.asked else "no"
        return messages.say(f"home_state.{agrees}", text=lines[0])


def _kind(kind: HomeWord | None) -> Kind | None:
    return None if kind == "window" or kind == "door" else kind  # noqa: PLR1714 - for mypy


def _tells(command: HomeState, thing: Thing) -> bool:
    """Return whether a thing can answer what is asked."""
    if command.kind in ("window", "door"):
        return thing.kind in ("contact", "cover") and thing.device_class.startswith(command.kind)
    if command.about != "state":
        measured = thing.kind == "sensor" and thing.device_class == command.about
        climate = thing.kind == "climate" and command.about == "temperature"
        return measured or (climate and "current_temperature" in thing.attributes)
    if command.state in ("locked", "unlocked"):
        return thing.kind == "lock"
    if command.state in ("open", "closed"):
        opening = thing.kind == "contact" and thing.device_class in _OPENINGS
        return opening or thing.kind == "cover"
    if command.state is not None and command.kind is None and not command.names:
        return thing.kind in ("light", "switch", "fan", "media")
    # A list of the house is asked for as such: people have lists of their own here.
    return thing.kind not in ("scene", "script") and (
        thing.kind != "list" or command.kind == "list"
    )


def _state(about: About, thing: Thing) -> ThingState:
    state = _SAME.get(thing.state, thing.state)
    if thing.kind == "contact" and thing.device_class in _OPENINGS:
        state = {"on": "open", "off": "closed"}.get(state, state)
    value = target = ""
    if thing.kind == "sensor" and thing.is_there:
        value = " ".join(filter(None, (thing.state, _text(thing, "unit_of_measurement"))))
    elif thing.kind == "climate" and thing.is_there:
        value = _degrees(_text(thing, "current_temperature"))
        target = "" if about != "state" else _degrees(_text(thing, "temperature"))
    return ThingState(
        id=thing.id,
        title=full_name(thing),
        kind=thing.kind,
        state=state,
        value=value,
        target=target,
    )


def _line(each: ThingState, messages: Messages) -> str:
    name = quote(each.title)
    if each.value and each.target:
        return messages.say(
            "home_state.heating", name=name, value=quote(each.value), target=quote(each.target)
        )
    if each.value:
        return messages.say("home_state.value", name=name, value=quote(each.value))
    known = messages.texts.get(f"home_state.is.{each.state}")
    if known is not None:
        return messages.say(f"home_state.is.{each.state}", name=name)
    return messages.say("home_state.value", name=name, value=quote(each.state))


def _text(thing: Thing, attribute: str) -> str:
    value = thing.attributes.get(attribute)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _degrees(text: str) -> str:
    return f"{text} °C" if text else ""
