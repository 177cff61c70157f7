"""The program with an account on a real homeserver."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.api_server import running_api
from tests.support.homeserver import ALICE_ACCOUNT, Homeserver
from tests.support.server import Server, wait_until
from tests.support.speech_services import SpeechServices

_factors = itertools.count(1001)


class Matrix(NamedTuple):
    """The program, the homeserver, what writes recordings down, and Alice's room."""

    server: Server
    homeserver: Homeserver
    services: SpeechServices
    room: str

    def settle(self) -> None:
        """Until all that Alice wrote before is seen to: messages are answered in their order."""
        factor = next(_factors)
        self.homeserver.write(ALICE_ACCOUNT, self.room, f"What is {factor} times 7?")
        answers = f"the answer to {factor} times 7"
        wait_until(lambda: str(factor * 7) in self.homeserver.texts(self.room)[-1], 60, answers)

    def ask(self, text: str) -> str:
        """What is answered when Alice writes something in her room."""
        before = len(self.homeserver.texts(self.room))
        self.homeserver.write(ALICE_ACCOUNT, self.room, text)
        return self.homeserver.wait_for(before + 1, self.room)[-1]


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    with Homeserver() as homeserver:
        yield homeserver


@pytest.fixture(scope="module")
def matrix(server: Server, models_dir: Path, homeserver: Homeserver) -> Iterator[Matrix]:
    with SpeechServices() as services:
        settings = homeserver.settings(PISOVEREIGN_SPEECH__TO_TEXT=services.address)
        with running_api(server, models_dir, **settings) as own:
            yield Matrix(own, homeserver, services, homeserver.enter(ALICE_ACCOUNT))
