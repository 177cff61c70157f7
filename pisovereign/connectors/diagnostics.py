"""Diagnostics: whether each integration works now, and if not, what to do about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.errors import PiSovereignError
from pisovereign.health import Check

_LIMIT_S = 30.0

Probe = Callable[[], Awaitable[str]]
"""A probe asks a service now, and returns in a few words what it answers."""


class Integration(NamedTuple):
    """A service outside, as health and diagnostics see it.

    Args:
        name: as `/ready/all` names it.
        setting: what to set to have it.
        check: says whether it is there, without asking it more often than it is used; None: it is
            not configured.
        probe: asks it now.
    """

    name: str
    setting: str
    check: Check | None = None
    probe: Probe | None = None


class IntegrationState(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one integration; `detail` is its answer, or what is wrong with it."""

    name: str
    status: Literal["works", "fails", "not_configured"]
    detail: str
    latency_ms: float | None = None


class Diagnostics:
    """Tests all integrations at the same time; one test runs after the other.

    Args:
        integrations: Returns those of a user, also what is not set up.
    """

    def __init__(self, integrations: Callable[[UUID], Sequence[Integration]]) -> None:
        self._integrations = integrations
        self._lock = asyncio.Lock()

    async def run(self, user: UUID) -> list[IntegrationState]:
        """Ask each that a user has now, which takes half a minute at most."""
        async with self._lock:
            found = self._integrations(user)
            return list(await asyncio.gather(*(_test(each) for each in found)))


async def _test(integration: Integration) -> IntegrationState:
    name = integration.name
    if integration.probe is None:
        return IntegrationState(
            name=name, status="not_configured", detail=f"set {integration.setting}"
        )
    started = time.perf_counter()
    try:
        async with asyncio.timeout(_LIMIT_S):
            said = await integration.probe()
    except PiSovereignError as error:
        return IntegrationState(name=name, status="fails", detail=error.message)
    except TimeoutError:
        return IntegrationState(
            name=name, status="fails", detail=f"no answer within {_LIMIT_S:g} s"
        )
    taken = round((time.perf_counter() - started) * 1000, 2)
    return IntegrationState(name=name, status="works", detail=said, latency_ms=taken)
