"""One Home Assistant for all tests of this folder; without one they are not even collected."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import home_assistant as support
from tests.support.demo_house import CONFIGURATION
from tests.support.server import Server

collect_ignore_glob = [] if support.installed() else ["test_*.py"]


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    """Skip the tests of a file that is named on the command line: it is collected all the same."""
    if not support.installed():
        pytest.skip(f"no Home Assistant: {support.WHERE} names none")


@pytest.fixture(scope="session", name="home_assistant")
def _home_assistant() -> Iterator[support.HomeAssistant]:
    with support.home_assistant(CONFIGURATION) as running:
        yield running


@pytest.fixture(scope="session")
def at_home(home_assistant: support.HomeAssistant, models_dir: Path) -> Iterator[Server]:
    """The program, connected to the house."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-at-home-"))
    running = Server(
        folder,
        models_dir,
        PISOVEREIGN_MEMORY__LEARN="false",
        PISOVEREIGN_HOME_ASSISTANT__URL=home_assistant.url,
        PISOVEREIGN_HOME_ASSISTANT__TOKEN=home_assistant.token,
    ).start()
    yield running
    running.remove()
    shutil.rmtree(folder, ignore_errors=True)
