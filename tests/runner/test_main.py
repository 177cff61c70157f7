"""How the runner is started."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from pisovereign.runner.client import RunnerClient
from pisovereign.runner.types import RunRequest
from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment

# What systemd does for a socket unit: descriptor 3, and the process's own id in the environment.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "pisovereign.runner.main", *sys.argv[2:]])
"""


def test_systemd_may_hand_over_the_socket(data_dir: Path) -> None:
    path = data_dir / "given.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        process = subprocess.Popen(
            [sys.executable, "-c", AS_SYSTEMD, str(listener.fileno()), "--allow-user=root"],
            pass_fds=[listener.fileno()],
            env=clean_environment({}),
        )
    try:
        client = RunnerClient(path)
        result = asyncio.run(client.run(RunRequest(argv=("uname",))))
        assert result.stdout == "Linux\n"
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert path.exists()


def test_without_a_socket_it_says_what_to_do(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "pisovereign.runner.main"]
    environment = clean_environment({})
    done = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "--socket" in done.stderr
    done = subprocess.run(
        [*argv, "--allow-user=nobody-of-that-name", f"--socket={tmp_path}/x.sock"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("there is no user nobody-of-that-name\n")
    assert not list(tmp_path.iterdir())
