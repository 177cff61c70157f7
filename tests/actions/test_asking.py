"""Without an approval happens only what an action says may, and nothing for who may only ask."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast
from uuid import UUID

import msgspec
import pytest

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.registry import ACTIONS
from pisovereign.actions.spec import ActionSpec
from pisovereign.api_keys import Identity
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import ValidationFailed

PERSON = Caller(Identity(UUID(int=1), frozenset(("user",))), "en")


class _Ring(msgspec.Struct, tag=True):
    times: int = 1


class _Bell(ApprovedAction[_Ring]):
    """An action that says nothing of what may happen without an approval."""

    spec = ActionSpec(name="ring", type=_Ring, result=None, side_effects=True)
    kind = "ring"
    limit_s = 1.0

    def check(self, user: UUID, command: _Ring) -> None:
        if command.times < 1:
            raise ValidationFailed([{"field": "times", "error": "must be 1 at least"}])

    async def ask(self, caller: Caller, command: _Ring) -> NewApproval:
        return NewApproval(self.kind, "Ring", command)

    async def carry_out(self, approved: Approved) -> None:
        raise AssertionError


class _Doorbell(_Bell):
    """One that may."""

    at_once: ClassVar[bool] = True


def asked(bell: type[_Bell], caller: Caller, times: int = 1) -> bool:
    """Whether an approval is asked for."""
    backends = cast("Any", None)
    return asyncio.run(bell(backends).prepare(caller, _Ring(times))) is not None


def test_an_approval_is_asked_for_unless_an_action_says_otherwise() -> None:
    assert asked(_Bell, PERSON)
    assert not asked(_Doorbell, PERSON)


@pytest.mark.parametrize("bell", [_Bell, _Doorbell])
def test_who_may_only_ask_always_does(bell: type[_Bell]) -> None:
    assert asked(bell, PERSON.asking_only())


@pytest.mark.parametrize("caller", [PERSON, PERSON.asking_only()])
def test_what_cannot_be_done_is_refused_before_anybody_is_asked(caller: Caller) -> None:
    with pytest.raises(ValidationFailed):
        asked(_Doorbell, caller, 0)


def test_no_action_has_a_rule_of_its_own() -> None:
    own = [
        action.__name__
        for action in ACTIONS
        if issubclass(action, ApprovedAction) and action.prepare is not ApprovedAction.prepare
    ]
    assert own == []
