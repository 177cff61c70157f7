"""The engine's program alone, without API and database, on a UNIX socket."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pisovereign.engine.compute_settings import EngineChoice, compute_argv
from tests.support.server import wait_until

_START_LIMIT_S, _STOP_LIMIT_S = 300.0, 10.0


class RunningEngine(NamedTuple):
    """Where an engine listens, and its process."""

    socket: Path
    pid: int


@contextmanager
def engine_program(
    model: Path, choice: EngineChoice, options: Sequence[str]
) -> Iterator[RunningEngine]:
    """Run the engine with a model file.

    Args:
        model: a GGUF file.
        choice: the settings it computes with.
        options: more of its command line.
    """
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        path = Path(folder) / "engine.sock"
        argv = [sys.executable, "-m", "pisovereign.engine.main", f"--socket={path}"]
        argv += [f"--model-file={model}", f"--model-id={model.stem}", "--template=chatml"]
        process = subprocess.Popen([*argv, *compute_argv(choice), *options])
        try:
            wait_until(lambda: _listens(process, path), _START_LIMIT_S, "the start of the engine")
            yield RunningEngine(path, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _listens(process: subprocess.Popen[bytes], path: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError("the engine ended at its start")
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
