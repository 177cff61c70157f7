"""How long a start takes: until the page, until all is ready, until the first answer.

    python -m bench.start                      # the whole program, and three times again
    python -m bench.start --imports            # what each program imports before it does anything
    python -m bench.start --tree ../before     # the same with the sources of another worktree

Times of a start are in milliseconds from the moment that `pisovereign serve` is called: `page` to
the first page, `ready` to `/ready`, `answer` to the first token of a model's answer. `first` is a
start that makes the database, the others find it. `cpu_ms` is what its processes computed until
they had ended again, which says more where other things run. Of an import, `cpu_ms` is the time of
the processor without that of Python alone, the least of several runs; `modules` counts them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import requests

from bench.environment import Environment, describe
from pisovereign.config.loading import models_dir
from tests.support.server import ALICE_KEY, Server
from tests.support.start_programs import PROGRAMS

LIMIT_S = 120.0
_LOOK_S = 0.01
_NOTHING = "pass"
# Commands before there was a table of them: all of it is imported for each.
_WHOLE_CLI = "from pisovereign.cli.main import build_parser; build_parser()"


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the call."""

    page: float
    ready: float
    answer: float
    cpu_ms: float


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """What a program imports before it does anything."""

    cpu_ms: float
    modules: int
    resident_mb: float


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it; `again` are medians."""

    environment: Environment
    tree: str = ""
    first: Start | None = None
    again: Start | None = None
    imports: dict[str, Import] = {}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--imports", action="store_true", help="imports, and no start")
    parser.add_argument("--tree", type=Path, help="the worktree whose sources are measured")
    parser.add_argument("--times", type=int, default=3, help="starts, or runs of an import (3)")
    options = parser.parse_args(arguments)
    environment = describe()
    if options.tree is not None:
        # Found before the sources of this clone; what is compiled is taken from here.
        os.environ["PYTHONPATH"] = str(options.tree.resolve())
    tree = str(options.tree or "")
    if options.imports:
        found = {name: measure_import(code, options.times) for name, code in programs().items()}
        result = Result(environment=environment, tree=tree, imports=found)
    else:
        first, again = measure_starts(options.times)
        result = Result(environment=environment, tree=tree, first=first, again=again)
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return 0


def programs() -> Mapping[str, str]:
    """Return what is imported by each program of the sources that are measured."""
    if "build_parser(command" in _source("pisovereign/cli/main.py"):
        return PROGRAMS
    return {
        name: _WHOLE_CLI if name.startswith("cli ") else code for name, code in PROGRAMS.items()
    }


def _source(path: str) -> str:
    root = os.environ.get("PYTHONPATH", "") or Path(__file__).resolve().parents[1]
    return Path(root, path).read_text(encoding="utf-8")


def measure_import(code: str, times: int) -> Import:
    """Return what a statement takes that imports, beside Python itself."""
    counting = f"{code}\nimport json, sys\nprint(json.dumps(len(sys.modules)))"
    alone = min(_cpu_ms(_NOTHING)[0] for _ in range(times))
    runs = [_cpu_ms(code) for _ in range(times)]
    modules = subprocess.run(
        [sys.executable, "-c", counting], capture_output=True, text=True, check=True
    ).stdout
    return Import(
        cpu_ms=round(min(ms for ms, _ in runs) - alone, 1),
        modules=json.loads(modules),
        resident_mb=round(statistics.median(mb for _, mb in runs), 1),
    )


def _cpu_ms(code: str) -> tuple[float, float]:
    """Run a statement; returns milliseconds of the processor, and MB that were resident at most."""
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"it failed: {code}")
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


def measure_starts(times: int) -> tuple[Start, Start]:
    """Return a first start, and the medians of others."""
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        server = Server(Path(folder) / "data", models_dir())
        try:
            first = _start(server)
            found = [_start(server) for _ in range(times)]
        finally:
            server.remove()
    middle = {
        name: statistics.median(getattr(start, name) for start in found)
        for name in Start.__struct_fields__
    }
    return first, Start(**middle)


def _start(server: Server) -> Start:
    """Start it, ask until it answers, and stop it."""
    computed, began = _computed_ms(), time.monotonic()
    server.start(wait=False, first=True)
    page = _answers(server, "/", began)
    ready = _answers(server, "/ready", began)
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    body = {"message": "I wonder how rivers find their way to the sea", "max_tokens": 4}
    url = f"{server.url}/v1/chat/stream"
    with requests.post(url, json=body, headers=headers, stream=True, timeout=LIMIT_S) as response:
        response.raise_for_status()
        next(line for line in response.iter_lines(chunk_size=1) if line.startswith(b"data:"))
        answer = (time.monotonic() - began) * 1000
    server.stop()
    found = Start(page=page, ready=ready, answer=answer, cpu_ms=_computed_ms() - computed)
    sys.stderr.write(f"{found}\n")
    return found


def _computed_ms() -> float:
    """Return what the processes that were started here, and have ended, have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def _answers(server: Server, path: str, began: float) -> float:
    while time.monotonic() - began < LIMIT_S:
        try:
            if requests.get(server.url + path, timeout=5).status_code == 200:
                return (time.monotonic() - began) * 1000
        except requests.RequestException:
            pass
        time.sleep(_LOOK_S)
    raise RuntimeError(f"{path} does not answer:\n{server.log()}")


if __name__ == "__main__":
    sys.exit(main())
