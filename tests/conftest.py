"""One server for the whole suite: real PostgreSQL, real engine, real model."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.models.pull import ensure_models
from tests.support.equipped import Equipped, equipped
from tests.support.server import Server
from tools.locking import locked


def pytest_configure() -> None:
    """Undo what a shell does to its background jobs: they and their children ignore these."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The prepared models, shared between runs; made by the program's own means.

    It refuses while another process makes them, so processes that test beside each other wait.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("PISOVEREIGN_TEST_MODELS_DIR") or cache / "pisovereign" / "models")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        ensure_models(folder, ["smollm2-135m-instruct", "all-minilm-l6-v2"])
    return folder


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A fresh data folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="pisov-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def server(models_dir: Path) -> Iterator[Server]:
    """The program, started once; tests use conversations of their own.

    It learns only where a request says so: tests of memories count what they stored themselves.
    """
    folder = Path(tempfile.mkdtemp(prefix="pisov-suite-"))
    running = Server(folder, models_dir, PISOVEREIGN_MEMORY__LEARN="false").start()
    yield running
    running.remove()


@pytest.fixture(scope="session")
def _all_of_it(server: Server, models_dir: Path) -> Iterator[Equipped]:
    with equipped(server, models_dir) as running:
        yield running


@pytest.fixture(name="equipped")
def _equipped(_all_of_it: Equipped) -> Equipped:
    """The program with everything that can be set up; nothing was sent or received yet."""
    _all_of_it.clear()
    return _all_of_it
