"""One server for the whole suite: real PostgreSQL, real engine, real model."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from pisovereign.models.pull import ensure_models
from tests.support import tiers
from tests.support.cluster import remove_ready_cluster
from tests.support.databases import stop_databases
from tests.support.emptied import SharedServers
from tests.support.equipped import Equipped, equipped
from tests.support.forked_program import end_forking
from tests.support.processor_time import ProcessorTime
from tests.support.report import RunReport
from tests.support.server import Server, remove_data
from tools.locking import locked
from tools.test_run import TestRun

_GUARD = pytest.StashKey[tiers.ProcessGuard]()
_SHARED = pytest.StashKey[SharedServers]()
_RUN = pytest.StashKey[TestRun]()
_SESSION = pytest.StashKey[pytest.Session]()
# A busy machine is no failure, so no example has a deadline. Every day the examples are the same,
# so that a change is not refused for what was there before; the long runs draw others each time.
hypothesis_settings.register_profile("everyday", max_examples=25, deadline=None, derandomize=True)
hypothesis_settings.register_profile(
    "soak", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("everyday")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let files come in any order, to find tests that depend on others."""
    parser.addoption("--order-seed", help="run files in an order that hangs on nothing but this")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepare a process that runs tests, before pytest chooses its folder."""
    _restore_signals()
    run = TestRun.current()
    if run is None:
        run = config.stash[_RUN] = TestRun.begin()
        run.enter()
    if not hasattr(config, "workerinput"):
        config.option.basetemp = config.option.basetemp or str(run.pytest_folder())
        config.pluginmanager.register(RunReport())
    run.note_folders()
    # Coverage takes its own time, and property tests take more of it with more examples.
    if "COVERAGE_PROCESS_CONFIG" not in os.environ and not config.option.hypothesis_profile:
        config.pluginmanager.register(ProcessorTime())
    config.stash[_GUARD] = tiers.ProcessGuard()
    config.stash[_SHARED] = SharedServers()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Know whose exit code says that something was left."""
    session.config.stash[_SESSION] = session


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Clean up, after the fixtures.

    A parallel process tells that it is done after this, and is killed ten seconds later: on a busy
    machine a database takes longer to stop.
    """
    _clean_up()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End and delete what is left, if nobody else does, which fails a run that passed."""
    run = config.stash.get(_RUN, None)
    left: list[str] = []
    with ExitStack() as steps:
        if run is not None:
            steps.callback(lambda: left.extend(run.end()))
        steps.callback(_clean_up)  # also where a session was cut short
    for line in left:
        print(f"left behind: {line}")
    if left and _SESSION in config.stash and not config.stash[_SESSION].exitstatus:
        config.stash[_SESSION].exitstatus = pytest.ExitCode.TESTS_FAILED


def _clean_up() -> None:
    """Stop and delete what the tests of this process share; nothing the second time."""
    with ExitStack() as steps:
        steps.callback(remove_ready_cluster)
        steps.callback(stop_databases)
        steps.callback(end_forking)


def _restore_signals() -> None:
    """Undo what a shell does to its background jobs, which ignore these, and heed the end."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # Ended so, it cleans up as after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _wants_soak(config: pytest.Config) -> bool:
    return "not soak" not in config.option.markexpr


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import long tests that will not run."""
    return True if tiers.is_soak_file(collection_path) and not _wants_soak(config) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Load schemathesis for the one file that uses it, also where that file is named.

    It takes seconds in every process, so pyproject.toml keeps it away from all other tests.
    """
    if file_path.name == "test_contract.py":
        parent.config.pluginmanager.import_plugin("schemathesis.pytest.plugin")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark all tests, and begin with those that take long.

    Files are handed to parallel processes in this order, so that none is left with a long one.
    """
    tiers.mark(items)
    seed: str | None = config.getoption("--order-seed")
    items.sort(key=tiers.turn if seed is None else partial(tiers.drawn_turn, seed))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Watch a test without `process` from before its fixtures to its end.

    Before the fixtures of a file are made, what other files left in shared servers is deleted.
    """
    item.config.stash[_SHARED].begin(item)
    item.config.stash[_GUARD].watch(item)
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Watch no longer: what fixtures of a whole session do at their end is not the test's."""
    item.config.stash[_GUARD].watch(None)
    return (yield)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The prepared models, shared between runs; made by the program's own means.

    It refuses while another process makes them, so processes that test beside each other wait.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("PISOVEREIGN_TEST_MODELS_DIR") or cache / "pisovereign" / "models")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        ensure_models(folder, ["smollm2-135m-instruct", "all-minilm-l6-v2", "use-multilingual"])
    return folder


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A fresh data folder with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-"))
    yield folder
    remove_data(folder)


@pytest.fixture(scope="session")
def server(models_dir: Path, pytestconfig: pytest.Config) -> Iterator[Server]:
    """The program, started once, and emptied for each file; its tests share what they store.

    It learns only where a request says so: tests of memories count what they stored themselves.
    """
    folder = Path(tempfile.mkdtemp(prefix="pisov-suite-"))
    running = Server(folder, models_dir, PISOVEREIGN_MEMORY__LEARN="false").start()
    pytestconfig.stash[_SHARED].add("server", running)
    yield running
    running.remove()


@pytest.fixture(scope="session")
def _all_of_it(server: Server, models_dir: Path, pytestconfig: pytest.Config) -> Iterator[Equipped]:
    with equipped(server, models_dir) as running:
        pytestconfig.stash[_SHARED].add("_all_of_it", running.server)
        yield running


@pytest.fixture(name="equipped")
def _equipped(_all_of_it: Equipped) -> Equipped:
    """The program with everything that can be set up; nothing was sent or received yet."""
    _all_of_it.clear()
    return _all_of_it
