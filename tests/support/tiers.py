"""Which tests run when: the marks `process` and `soak`, set for every test in this one place.

A test that starts a program or loads a model is `process`; without one it belongs to `make check`.
What takes long is `soak`: kills, machines of states, thousands of requests, first starts.
`make test` leaves those out, `make soak` runs them, and property tests with many more examples.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("subprocess", "multiprocessing")
# Small helpers that stand beside classes which start programs.
HARMLESS = frozenset({"clean_environment", "free_port", "text_lines", "wait_until"})
FIXTURES = frozenset({"models_dir", "server", "equipped", "postgres", "home_assistant"})
# Modules that start programs through the product's own code, which nothing in them shows.
STARTING = frozenset(
    {
        "tests/backup/test_make.py",
        "tests/backup/test_rehearse.py",
        "tests/backup/test_switch.py",
        "tests/documents/test_formats.py",
        "tests/image/test_check.py",
        "tests/image/test_user_mode.py",
        "tests/image/test_wheels.py",
        "tests/connectors/calendar/test_broken_servers.py",
        "tests/connectors/calendar/test_reader.py",
        "tests/connectors/calendar/test_vcards.py",
        "tests/connectors/file_stores/test_every_store.py",
        "tests/connectors/file_stores/test_webdav.py",
        "tests/connectors/waste/test_source.py",
        "tests/connectors/web/test_page_text.py",
        "tests/connectors/web/test_pages.py",
        "tests/models/test_fetch_wheel.py",
        "tests/process/test_confined.py",
        "tests/process/test_forked.py",
        "tests/storage/embedded/test_layout.py",
        "tests/storage/embedded/test_process.py",
        "tests/supervisor/test_child.py",
        "tests/supervisor/test_control_socket.py",
        "tests/supervisor/test_weights.py",
        "tests/tools/test_native_arm.py",
        "tests/tools/test_prerequisites.py",
        "tests/tools/test_soak.py",
    }
)
SOAK_NAMES = frozenset(
    {"test_contract.py", "test_crash.py", "test_hostile.py", "test_kills.py", "test_machine.py"}
)
# Files, and names of tests, one a line.
SOAK = frozenset(
    line
    for line in Path(__file__).with_name("soak.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
# Of `make test`, what takes longest by itself: files, the longest first.
HEAVIEST = (
    "tests/chat/test_learning.py",
    "tests/backup/test_backup.py",
    "tests/channels/whatsapp/test_whatsapp.py",
    "tests/connectors/calendar/test_program.py",
    "tests/connectors/email/test_reading.py",
    "tests/agents/test_tasks.py",
    "tests/connectors/calendar/test_changes.py",
    "tests/agents/test_schedules.py",
    "tests/chat/test_memories.py",
    "tests/setup/test_service.py",
)


def mark(items: Iterable[pytest.Item]) -> None:
    """Set both marks."""
    for item in items:
        if is_soak_file(item.path) or item.name.partition("[")[0] in SOAK:
            item.add_marker(pytest.mark.soak)
        if starts_programs(item):
            item.add_marker(pytest.mark.process)


def is_soak_file(path: Path) -> bool:
    """Return whether all tests of a file are long."""
    return path.name in SOAK_NAMES or relative(path) in SOAK


def turn(item: pytest.Item) -> int:
    """Return when a test begins: long ones first, those that need only a moment last."""
    if item.get_closest_marker("soak") is not None:
        return 0
    path = relative(item.path)
    if path in HEAVIEST:
        return 1 + HEAVIEST.index(path)
    return 1000 if item.get_closest_marker("process") is not None else 2000


def drawn_turn(seed: str, item: pytest.Item) -> bytes:
    """Return when the tests of a file begin, in an order that hangs on the seed alone."""
    return hashlib.sha256(f"{seed} {relative(item.path)}".encode()).digest()


def starts_programs(item: pytest.Item) -> bool:
    """Return whether a test may start a program: by its fixtures, or by what its module imports."""
    fixtures = getattr(item, "fixturenames", ())
    if not FIXTURES.isdisjoint(fixtures) or relative(item.path) in STARTING:
        return True
    return isinstance(item, pytest.Function) and _imports_programs(item.module)


def relative(path: Path) -> str:
    """Return a path as it is written in this module."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@cache
def _imports_programs(module: ModuleType) -> bool:
    """Return whether a module uses what starts programs, or tests' helpers that use it."""
    if _uses_programs(module):
        return True
    origins = {
        value.__module__
        for name, value in vars(module).items()
        if isinstance(value, type | FunctionType) and name not in HARMLESS
    }
    helpers = (sys.modules.get(name) for name in origins if name.startswith("tests."))
    return any(_uses_programs(helper) for helper in helpers if helper is not None)


def _uses_programs(module: ModuleType) -> bool:
    values = vars(module).values()
    return any(isinstance(v, ModuleType) and v.__name__ in PROGRAMS for v in values)


class ProcessGuard:
    """Refuses a program that a test starts which is not marked `process`.

    So `make check` stays what it says it is, and a mark that is missing shows at once.
    """

    EVENTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"})

    def __init__(self) -> None:
        self._watched: str | None = None
        sys.addaudithook(self._hear)

    def watch(self, item: pytest.Item | None) -> None:
        """Watch a test if it has no mark; None when it is over."""
        unmarked = item is not None and item.get_closest_marker("process") is None
        self._watched = item.nodeid if item is not None and unmarked else None

    def _hear(self, event: str, arguments: object) -> None:
        if self._watched is not None and event in self.EVENTS:
            raise AssertionError(
                f"{self._watched} starts a program ({event}): tests/support/tiers.py must know it"
            )
