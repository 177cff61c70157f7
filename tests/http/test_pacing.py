"""Who does not wait after a refusal is made to wait; others are not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pisovereign.http.pacing import FORGIVEN_PER_S, LONGEST_S, PACE_S, PATIENCE, Pacing


class Clients:
    """Clients of an app that refuses; time passes only by hand.

    Attributes:
        now: The time in seconds.
        pauses: What each request waited.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.status = 503
        self.pauses: list[float] = []
        self._pacing = Pacing(self._app, lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    def ask(
        self, count: int, key: bytes = b"Bearer one", address: str = "192.0.2.1"
    ) -> list[float]:
        """What each of so many requests at one moment waits."""
        self.pauses = []
        scope = {"type": "http", "client": (address, 1), "headers": [(b"authorization", key)]}
        for _ in range(count):
            before = len(self.pauses)
            asyncio.run(self._pacing(scope, self._nothing, self._ignore))
            if len(self.pauses) == before:
                self.pauses.append(0.0)
        return [round(each, 6) for each in self.pauses]

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def _nothing(self) -> Any:
        raise AssertionError

    async def _ignore(self, message: Any) -> None:
        pass


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Clients:
    return Clients(monkeypatch)


def test_who_is_refused_now_and_then_waits_for_nothing(clients: Clients) -> None:
    for _ in range(10):
        assert clients.ask(10) == [0.0] * 10
        clients.now += 10 / FORGIVEN_PER_S


def test_who_does_not_heed_refusals_is_heard_at_a_pace(clients: Clients) -> None:
    assert clients.ask(int(PATIENCE)) == [0.0] * int(PATIENCE)
    assert clients.ask(4) == [round(number * PACE_S, 6) for number in range(4)]
    # Nobody waits for longer than this, and who asks more slowly does not wait.
    assert max(clients.ask(1000)) == LONGEST_S
    clients.now += LONGEST_S + 1
    assert clients.ask(1) == [0.0]


def test_nobody_else_waits_for_it(clients: Clients) -> None:
    clients.ask(1000)
    assert clients.ask(5, key=b"Bearer two") == [0.0] * 5
    assert clients.ask(5, address="192.0.2.2") == [0.0] * 5


def test_it_is_forgotten_after_a_while(clients: Clients) -> None:
    clients.ask(1000)
    clients.status = 200
    clients.now += 2 * PATIENCE / FORGIVEN_PER_S
    assert clients.ask(100) == [0.0] * 100


def test_answers_are_not_held_against_anybody(clients: Clients) -> None:
    clients.status = 200
    assert clients.ask(1000) == [0.0] * 1000
