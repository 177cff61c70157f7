"""List which files of the program take part in what it does, to compare versions of it.

    .venv/bin/python -m tools.walks                      this version
    PYTHONPATH=/elsewhere .venv/bin/python tools/walks.py   the version in that folder

Seven walks: a token on its way to the client, a memory until it is found, a turn of a chat, a
command until it is executed, a sentence until its event is in the calendar, a setting until it is
known, and the words of a request while they are read, with how often they come back to a module.
The program runs as its tests run it. Its processes note each function that is called while a walk
is recorded, by means of a `sitecustomize` that only they see. What also happens when nothing is
asked of the program is not counted, unless the request's own task did it.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

# Runs in each process of the program. A byte for each file: 1, it was called; 2, by the task of a
# request. The memory is shared with the tool, so it works in forks that may open nothing, too.
TRACER = """
import contextvars, mmap, os, sys, threading

def install():
    folder = os.environ["WALKS_FOLDER"]
    with open(folder + "/files") as listed:
        places = {line: 1 + number for number, line in enumerate(listed.read().splitlines())}
    descriptor = os.open(folder + "/area", os.O_RDWR)
    area = mmap.mmap(descriptor, 0)
    os.close(descriptor)
    of_request = contextvars.ContextVar("of_request", default=False)
    serves_requests = "api" in sys.orig_argv

    def note(frame, event, argument):
        if event != "call" or not area[0]:
            return
        code = frame.f_code
        place = places.get(code.co_filename)
        if place is None:
            if code.co_filename.endswith("falcon/asgi/app.py") and code.co_name == "__call__":
                of_request.set(True)
        elif code.co_flags & 1:  # no body of a module or class
            area[place] |= 3 if of_request.get() or not serves_requests else 1

    threading.setprofile(note)
    sys.setprofile(note)

# The supervisor only watches the others.
if "pisovereign.cli.serve" not in sys.orig_argv or "api" in sys.orig_argv:
    install()
"""
QUIET_S = 20.0
REQUEST = "remind me tomorrow at 9 to water the plants"
ROOT = Path(str((find_spec("pisovereign") or sys).__dict__["origin"])).parent.parent


class Recorder:
    """Which files are called, while it records."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(str(path) for path in (ROOT / "pisovereign").rglob("*.py"))
        (folder / "files").write_text("\n".join(self.files))
        (folder / "sitecustomize.py").write_text(TRACER)
        self._file = (folder / "area").open("w+b")
        self._file.truncate(1 + len(self.files))
        self._area = mmap.mmap(self._file.fileno(), 0)
        self.idle: frozenset[str] = frozenset()
        self.environment = {"PYTHONPATH": f"{folder}:{ROOT}", "WALKS_FOLDER": str(folder)}

    def clear(self) -> None:
        """Forget what was recorded."""
        self._area[:] = bytes(len(self._area))

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record during a block, in addition to what was recorded before."""
        self._area[0] = 1
        try:
            yield
        finally:
            self._area[0] = 0

    def learn_idle(self, seconds: float) -> None:
        """Record what happens when nothing is asked."""
        self.clear()
        with self.recording():
            time.sleep(seconds)
        self.idle = frozenset(self._called(1))

    def taken(self) -> list[str]:
        """Return the files that took part, as paths in the project."""
        files = {*self._called(2), *(set(self._called(1)) - self.idle)}
        return sorted(str(Path(file).relative_to(ROOT)) for file in files)

    def _called(self, bit: int) -> list[str]:
        return [f for f, mark in zip(self.files, self._area[1:], strict=True) if mark & bit]


def packages(files: list[str]) -> set[str]:
    """Return the packages, and the modules beside them, that files belong to."""
    return {file.split("/")[1].removesuffix(".py") for file in files}


def report(name: str, files: list[str]) -> str:
    """Return what is said of one walk."""
    head = f"{name}: {len(files)} files in {len(packages(files))} packages"
    return "\n".join([head, *(f"    {file}" for file in files)]) + "\n"


Walk = Callable[[Any, Recorder], None]


def token_to_client(server: Any, recorder: Recorder) -> None:
    """Record in the middle of an answer that is streamed."""
    body = {
        "model": "smollm2-135m-instruct",
        "messages": [{"role": "user", "content": "Tell a long story."}],
        "max_tokens": 200,
        "stream": True,
    }
    with server.request("POST", "/v1/chat/completions", json=body, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        lines = (line for line in answer.iter_lines(chunk_size=1) if line)
        for _ in range(20):
            next(lines)
        with recorder.recording():
            for _ in range(20):
                next(lines)


def memory_to_search(server: Any, recorder: Recorder) -> None:
    """Store a memory, and find it."""
    with recorder.recording():
        made = server.request(
            "POST",
            "/v1/memories",
            json={"content": "I play the cello.", "summary": "Plays the cello."},
        )
        assert made.status_code == 201, made.text
        found = server.request("GET", "/v1/memories/search?q=cello")
    assert "cello" in found.text, found.text
    server.request("DELETE", f"/v1/memories/{made.json()['id']}")


def chat_turn(server: Any, recorder: Recorder) -> None:
    """Ask something and get the whole answer."""
    with recorder.recording():
        answer = server.chat("Why is the sky blue?")
    assert answer.status_code == 200, answer.text


def argv_to_execve(server: Any, recorder: Recorder) -> None:
    """Execute a command of the catalog."""
    with recorder.recording():
        answer = server.request("POST", "/v1/commands/catalog/default-hostname/execute")
    assert answer.json()["status"] in ("completed", "executed"), answer.text


def utterance_to_caldav(server: Any, recorder: Recorder) -> None:
    """Say that an event is wanted, and approve it."""
    said = "Trag am 1.7.2030 um 15 Uhr den Termin Zahnarzt ein"
    with recorder.recording():
        asked = server.request("POST", "/v1/chat", json={"message": said})
    (approval,) = server.request("GET", "/v1/approvals?status=pending").json()
    with recorder.recording():
        done = server.request("POST", f"/v1/approvals/{approval['id']}/approve")
    assert done.json()["status"] == "executed", (asked.text, done.text)


def walk(server: Any, recorder: Recorder, path: Walk) -> list[str]:
    """Take a path once to warm up, once to record it."""
    path(server, recorder)
    recorder.clear()
    path(server, recorder)
    return recorder.taken()


def one_setting(folder: Path) -> list[str]:
    """Return the files that take part in finding the settings, from file and environment."""
    # That of another version, which may have it elsewhere.
    load_config: Any = vars(import_module("pisovereign.cli.config"))["load_config"]

    files: set[str] = set()

    def note(frame: Any, event: str, argument: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(str(ROOT)) and frame.f_code.co_flags & 1:
            files.add(str(Path(name).relative_to(ROOT)))

    path = folder / "config.toml"
    path.write_text("[reminders]\ncheck_s = 7\n")
    sys.setprofile(note)
    try:
        config = load_config({"PISOVEREIGN_CONFIG": str(path)})
    finally:
        sys.setprofile(None)
    assert config.reminders.check_s == 7
    return sorted(name for name in files if name.startswith("pisovereign/"))


def modules_given(text: str) -> list[str]:
    """Return the modules that a request is handed to as it is read, in order of the calls.

    Handed over is the text as a string, in whatever case; not an object that holds it.
    """
    from tests.parsing.support import service  # noqa: PLC0415 - that of another version

    steps: list[str] = []

    def note(frame: Any, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(str(ROOT / "pisovereign")):
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = (frame.f_locals.get(name) for name in names)
        if any(isinstance(value, str) and value.casefold() == text.casefold() for value in given):
            module = str(Path(code.co_filename).relative_to(ROOT))
            if steps[-1:] != [module]:
                steps.append(module)

    async def read() -> None:
        sys.setprofile(note)
        try:
            await parser.read_all(uuid4(), text)
        finally:
            sys.setprofile(None)

    parser = service()
    asyncio.run(parser.read_all(uuid4(), text))
    asyncio.run(read())
    return steps


def returns(steps: Sequence[str]) -> int:
    """Return how often a module is entered that was left before."""
    return len(steps) - len(set(steps))


def importers(module: str) -> list[str]:
    """Return the files that import a module or what is in it."""
    line = re.compile(rf"^\s*(from|import) {re.escape(module)}\b", re.MULTILINE)
    files = (path for path in (ROOT / "pisovereign").rglob("*.py"))
    found = [path for path in files if line.search(path.read_text(encoding="utf-8"))]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def main() -> None:
    """Take all seven walks and print them."""
    from tests.support.equipped import equipped  # noqa: PLC0415 - those of another version
    from tests.support.server import Server  # noqa: PLC0415

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    models = Path(os.environ.get("PISOVEREIGN_TEST_MODELS_DIR") or cache / "pisovereign" / "models")
    with tempfile.TemporaryDirectory(prefix="pisov-walks-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        recorder = Recorder(folder)
        os.environ |= recorder.environment
        settings = {"PISOVEREIGN_MEMORY__LEARN": "false", "PISOVEREIGN_CACHE__ANSWERS_S": "0"}
        server = Server(folder / "data", models, **settings).start()
        try:
            recorder.learn_idle(QUIET_S)
            for path in (token_to_client, memory_to_search, chat_turn, argv_to_execve):
                print(report(path.__name__, walk(server, recorder, path)), flush=True)
            with equipped(server, models) as everything:
                recorder.learn_idle(QUIET_S)
                files = walk(everything.server, recorder, utterance_to_caldav)
                print(report("utterance_to_caldav", files), flush=True)
        finally:
            server.remove()
        print(report("one_setting", one_setting(folder)))
        print(report("imports of pisovereign.config", importers("pisovereign.config")))
        steps = modules_given(REQUEST)
        print(report(f"read_all, {returns(steps)} returns", sorted(set(steps))))


if __name__ == "__main__":
    main()
