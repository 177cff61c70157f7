"""One Home Assistant for all tests of this folder; without one they are not even collected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import home_assistant as support
from tests.support.demo_house import CONFIGURATION

collect_ignore_glob = [] if support.installed() else ["test_*.py"]


@pytest.fixture(scope="session", name="home_assistant")
def _home_assistant() -> Iterator[support.HomeAssistant]:
    with support.home_assistant(CONFIGURATION) as running:
        yield running
