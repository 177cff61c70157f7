"""An API with services of speech."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.api_process import ApiProcess
from tests.support.server import Server
from tests.support.speech_services import SpeechServices


class Speech(NamedTuple):
    """The API, and the services that it asks."""

    api: ApiProcess
    services: SpeechServices


@pytest.fixture(scope="package")
def running(server: Server) -> Iterator[Speech]:
    with (
        SpeechServices() as services,
        ApiProcess(
            server,
            PISOVEREIGN_SPEECH__TO_TEXT=services.address,
            PISOVEREIGN_SPEECH__TO_SPEECH=services.address,
            PISOVEREIGN_SPEECH__LONGEST_AUDIO_S="20",
            PISOVEREIGN_OUTBOUND__BREAKER_FAILURES="100",
        ) as api,
    ):
        yield Speech(api, services)


@pytest.fixture
def speech(running: Speech) -> Speech:
    """Nothing was heard or said yet."""
    running.services.heard.clear()
    running.services.spoken.clear()
    running.services.sends = None
    return running
