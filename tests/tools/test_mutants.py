"""Mutants are drawn by seed and text alone, and each is told with the test that catches it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools import line_changes, mutants
from tools.mutants import Mutant

SOURCE = '''"""Counts from 1 to 2."""

from __future__ import annotations

import logging

__all__ = ["Counter"]
_log = logging.getLogger(__name__)
# A comment with 3 + 4.


class Counter:
    """Counts 5."""

    limit: int

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._count = 0

    def add(self, many: int) -> bool:
        assert many > 0
        if self._count + many > 10 and self._full:
            _log.info("over")
            raise ValueError(f"{many + 1} is too many")
        self._count += many
        self._told = True
        self.tell()
        return self._count == many
'''


def test_every_kind_of_change_is_found_where_it_is() -> None:
    found = {(c.line, c.before, c.after) for c in line_changes.changes(SOURCE)}
    condition = "self._count + many > 10 and self._full"
    assert found == {
        (19, "0", "1"),
        (23, condition, "self._count + many > 10 or self._full"),
        (23, condition, f"not ({condition})"),
        (23, "self._count + many > 10", "self._count + many >= 10"),
        (23, "self._count + many", "self._count - many"),
        (23, "10", "11"),
        (23, "10", "9"),
        (25, 'raise ValueError(f"{many + 1} is too many")', "pass"),
        (26, "self._count += many", "pass"),
        (27, "self._told = True", "pass"),
        (27, "True", "False"),
        (28, "self.tell()", "pass"),
        (29, "return self._count == many", "return None"),
        (29, "self._count == many", "self._count != many"),
    }


def test_each_change_is_valid_and_changes_something() -> None:
    # With a letter of two bytes before it.
    source = SOURCE.replace("Counts from", "Zählt von")
    same = ast.dump(ast.parse(source))
    for change in line_changes.changes(source):
        assert ast.dump(ast.parse(change.apply(source))) != same, change


def sources(**modules: str) -> dict[str, str]:
    return {f"pisovereign/jobs/{name}.py": text for name, text in modules.items()}


def test_the_draw_hangs_on_the_seed_and_the_text() -> None:
    given = sources(one=SOURCE, two=SOURCE.replace("10", "20"))
    drawn = mutants.draw(given, 4, 1)
    assert len({(mutant.file, mutant.change.line) for mutant in drawn}) == 4
    assert mutants.draw(dict(reversed(given.items())), 4, 1) == drawn
    assert any(mutants.draw(given, 4, seed) != drawn for seed in range(2, 6))


def test_other_lines_do_not_change_what_is_drawn() -> None:
    drawn = mutants.draw(sources(one=SOURCE), 4, 1)
    later = mutants.draw(sources(one=SOURCE.replace("limit: int\n", "limit: int\n    #\n")), 4, 1)
    assert [mutant.change.before for mutant in later] == [m.change.before for m in drawn]


def test_lines_are_shared_among_packages() -> None:
    assert mutants.shares(20, mutants.PACKAGES) == dict.fromkeys(mutants.PACKAGES, 4)
    assert mutants.shares(3, ["jobs", "storage"]) == {"jobs": 2, "storage": 1}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    files = {
        "pisovereign/jobs/__init__.py": "from pisovereign.jobs.queue import Queue\n",
        "pisovereign/jobs/queue.py": "class Queue: ...\n",
        "pisovereign/agents/a.py": "from pisovereign.jobs import Queue, Worker\n",
        "pisovereign/memory/a.py": "from pisovereign.jobs import Worker, Periodic, Task\n",
        "pisovereign/chat/a.py": "from pisovereign.jobs_of_others import Queue\n",
        "pisovereign/untested/a.py": "from pisovereign.jobs import Queue\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("jobs", "agents", "memory", "chat"):
        (tmp_path / "tests" / name).mkdir(parents=True)
    return tmp_path


def test_who_uses_the_module_itself_is_asked_before_who_uses_its_package(clone: Path) -> None:
    assert mutants.users(clone, "pisovereign/jobs/queue.py") == ["agents", "memory"]


def test_each_is_told_and_all_are_counted() -> None:
    first, second = mutants.draw(sources(one=SOURCE), 2, 1)
    outcomes: dict[Mutant, str | None] = {first: "tests/jobs/test_queue.py::test_it", second: None}
    assert list(mutants.report([first, second], outcomes.__getitem__)) == [
        f"{first}: caught by tests/jobs/test_queue.py::test_it",
        f"{second}: survived",
        "1 of 2 caught",
    ]


def test_the_first_folder_that_fails_is_the_last_that_runs() -> None:
    ran: list[str] = []

    def run(folder: str) -> str | None:
        ran.append(folder)
        return "tests/b/test_x.py::test_y" if folder == "b" else None

    assert mutants.caught_by(["a", "b", "c"], run) == "tests/b/test_x.py::test_y"
    assert ran == ["a", "b"]


def test_the_test_that_fails_is_read_from_the_summary() -> None:
    said = "x\nFAILED in between\nFAILED tests/jobs/test_a.py::test_b[1] - assert 1\nERROR tests/z"
    assert mutants.first_failure(said) == "tests/jobs/test_a.py::test_b[1]"
    assert mutants.first_failure("1 passed") is None
