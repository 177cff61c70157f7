"""The program with a model that follows a script, and a tool server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.acting import Acting, acting
from tests.support.mcp_server import NotesServer, notes_server
from tests.support.server import Server


@pytest.fixture(scope="session")
def program(server: Server, models_dir: Path) -> Iterator[Acting]:
    """The program, whose model is given tools."""
    with acting(server, models_dir, PISOVEREIGN_MCP__CALLS_PER_MINUTE="1000") as running:
        yield running


@pytest.fixture
def served() -> Iterator[NotesServer]:
    """A tool server."""
    with notes_server() as running:
        yield running
