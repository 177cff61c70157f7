"""An ASGI app of this folder under uvicorn, with the API worker's choice of protocols."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import free_port, wait_until

START_LIMIT_S, STOP_LIMIT_S = 30.0, 10.0


@contextmanager
def serve(app: str, log: Path, *, access_log: bool) -> Iterator[str]:
    """Serve `app` ("module:name") on a free loopback port; yields its base URL."""
    port = free_port()
    argv = [sys.executable, "-m", "uvicorn", app, f"--port={port}"]
    argv += ["--loop=uvloop", "--http=httptools", "--ws=none", "--lifespan=off"]
    argv.append("--access-log" if access_log else "--no-access-log")
    with log.open("ab") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_until(lambda: _listens(process, port, log), START_LIMIT_S, f"the start of {app}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"uvicorn ended:\n{log.read_text(errors='replace')}")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
