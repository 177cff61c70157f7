"""A walk lists the files whose functions are called while it is recorded, in any process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.server import clean_environment
from tools.walks import Recorder, importers, modules_given, packages, report, returns

CALLS = """
import os
from pisovereign.net.hosts import parse_url
if os.fork():
    os.wait()
else:
    parse_url("http://example.org")
    os._exit(0)
"""
HOSTS = "pisovereign/net/hosts.py"


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@pytest.fixture
def call(recorder: Recorder) -> Callable[[], None]:
    """Call a function in a process that a traced one forks."""

    def run() -> None:
        environment = clean_environment(recorder.environment)
        subprocess.run([sys.executable, "-c", CALLS], env=environment, check=True, timeout=60)

    return run


def test_only_what_is_called_while_it_records_is_taken(
    recorder: Recorder, call: Callable[[], None]
) -> None:
    call()
    assert recorder.taken() == []
    with recorder.recording():
        call()
    assert HOSTS in recorder.taken()
    recorder.clear()
    assert recorder.taken() == []


def test_a_module_that_is_only_imported_takes_no_part(
    recorder: Recorder, call: Callable[[], None]
) -> None:
    with recorder.recording():
        call()
    assert "pisovereign/errors.py" not in recorder.taken()


def test_files_and_packages_are_counted() -> None:
    files = [HOSTS, "pisovereign/errors.py", "pisovereign/net/http.py"]
    assert packages(files) == {"net", "errors"}
    assert report("one", files).startswith("one: 3 files in 2 packages\n    pisovereign/net/hosts")


def test_importers_are_those_of_the_module_alone() -> None:
    found = importers("pisovereign.net.hosts")
    assert "pisovereign/outbound/gate.py" in found
    assert HOSTS not in found


def test_a_return_is_a_module_that_was_left() -> None:
    assert returns(["a", "b", "a", "c", "b"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "remind me tomorrow at 9 to water the plants",
        "Trag am 1.7.2030 um 15 Uhr den Termin Zahnarzt ein",
        "Ajoute du lait à la liste de courses",
    ],
)
def test_a_request_is_analyzed_once(text: str) -> None:
    steps = modules_given(text)
    assert "pisovereign/reading/times/finder.py" in steps
    assert returns(steps) <= 12, steps
