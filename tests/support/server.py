"""The real program, started as its users start it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from psycopg.conninfo import make_conninfo

from pisovereign.api_keys import hash_key
from pisovereign.storage.embedded.cluster import OWNER
from tests.support.cluster import lay_cluster, remove_cluster
from tests.support.forked_program import ForkedProgram
from tests.support.patience import PATIENCE_S
from tests.support.ports import OwnPorts
from tools.test_run import program_memory

ALICE, ALICE_KEY = "550e8400-e29b-41d4-a716-446655440000", "sk-alice-0123456789abcdef"
BOB, BOB_KEY = "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "sk-bob-0123456789abcdef"
# Further keys of Alice's: what an owner has, and what an agent is given.
ADMIN_KEY, AGENT_KEY = "sk-admin-0123456789abcdef", "sk-agent-0123456789abcdef"
DECIDER_KEY = "sk-decider-0123456789abcdef"
START_LIMIT_S = 90.0

TWO_USERS = f"""
[security]
rate_limit_rpm = 1000000
sign_in_attempts = 1000

[security.api_key_users]
"{ALICE_KEY}" = "{ALICE}"
"{BOB_KEY}" = "{BOB}"

[[security.api_keys]]
hash = "{hash_key(ADMIN_KEY)}"
user_id = "{ALICE}"
scopes = ["user", "approve", "admin"]
name = "owner"

[[security.api_keys]]
hash = "{hash_key(AGENT_KEY)}"
user_id = "{ALICE}"
scopes = ["user"]
name = "agent"

[[security.api_keys]]
hash = "{hash_key(DECIDER_KEY)}"
user_id = "{ALICE}"
scopes = ["approve"]
name = "decider"
"""


_ports = OwnPorts()


def free_port() -> int:
    """A port to listen on, which is this caller's alone until the process ends."""
    return _ports.take()


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    own = ("PISOVEREIGN_", "LC_", "LANG")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)} | {"LANG": "C.UTF-8"}
    return kept | dict(extra)


def wait_until(condition: Any, limit_s: float, what: str) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {limit_s:g} s"
        time.sleep(0.05)


class Server:
    """`pisovereign serve` in a data folder of its own.

    `checkout` may be set before the start: another checkout of the project, with an environment of
    its own, whose program it is then.
    """

    checkout: Path | None = None

    def __init__(
        self, data_dir: Path, models_dir: Path, config: str = TWO_USERS, **settings: str
    ) -> None:
        self.data_dir = data_dir
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if config:
            (data_dir / "config.toml").write_text(config, encoding="utf-8")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(
            {
                "PISOVEREIGN_DATA_DIR": str(data_dir),
                "PISOVEREIGN_MODELS_DIR": str(models_dir),
                "PISOVEREIGN_SERVER__PORT": str(self.port),
                # It takes half a minute and would find something else on each machine.
                "PISOVEREIGN_ENGINE__TUNE": "false",
                # Gigabytes, where the internet can be reached.
                "PISOVEREIGN_INFERENCE__FETCH_RECOMMENDED": "false",
                # Twice as many would double the memory of each server.
                "PISOVEREIGN_ENGINE__PARALLEL": "4",
                # It asks dozens of questions; tests that want it test a model when they need to.
                "PISOVEREIGN_INFERENCE__SELF_TEST": "false",
                # On a busy machine a source that is there must not be left out.
                "PISOVEREIGN_BRIEFING__SOURCE_TIMEOUT_S": str(PATIENCE_S),
                # Places that are named in tests are not looked up on the internet.
                "PISOVEREIGN_WEATHER__BASE_URL": "http://127.0.0.1:1/v1",
                "PISOVEREIGN_WEATHER__GEOCODING_URL": "http://127.0.0.1:1/v1",
                **settings,
            }
        )
        self.log_path = data_dir / "serve.log"
        self.process: subprocess.Popen[bytes] | ForkedProgram | None = None

    def start(self, *, wait: bool = True, first: bool = False) -> Server:
        """Start it; `first`: as on a new device, where it makes its database too, on the disk."""
        if not first:
            lay_cluster(self.data_dir)
        checkout = self.checkout
        python = sys.executable if checkout is None else str(checkout / ".venv" / "bin" / "python")
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [python, "-m", "pisovereign.cli.serve"],
                env=self.environment,
                # Its own modules are found there first, by its children too.
                cwd=checkout,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_ready()
        return self

    def refused_start(self) -> str:
        """Start where that has to fail; returns what it says."""
        argv = [sys.executable, "-m", "pisovereign.cli.serve"]
        done = subprocess.run(
            argv, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def wait_ready(self) -> None:
        assert self.process is not None

        def ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"serve ended:\n{self.log()}"
            try:
                return requests.get(f"{self.url}/ready/all", timeout=5).status_code == 200
            except requests.RequestException:
                return False

        try:
            wait_until(ready, START_LIMIT_S, "the server's start")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def database_dsn(self) -> str:
        """The connection string that the API process was given."""
        pid = self.child("--database=")
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        return next(a for a in arguments if a.startswith("--database=")).partition("=")[2]

    def owner_dsn(self) -> str:
        """The connection string of the database's superuser, whom no policy binds."""
        return make_conninfo(self.database_dsn(), user=OWNER)

    def engine_health(self) -> dict[str, Any]:
        """What the engine process itself says, over its UNIX socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(self.data_dir / "run" / "engine.sock"))
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
        health: dict[str, Any] = json.loads(data.partition(b"\r\n\r\n")[2])
        return health

    def descendants(self) -> dict[int, str]:
        """Process ids and command lines of everything that this server started."""
        assert self.process is not None
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                parents[int(entry.name)] = int(fields[1])
        found: dict[int, str] = {}
        frontier = {self.process.pid}
        while frontier:
            frontier = {pid for pid, parent in parents.items() if parent in frontier}
            for pid in frontier:
                found[pid] = command_line(pid)
        return found

    def child(self, part: str) -> int:
        """The process id of the one descendant whose command line holds `part`."""
        return min(pid for pid, line in self.descendants().items() if part in line)

    def kill_everything(self) -> None:
        """SIGKILL to every process at once, as pulling the plug would."""
        assert self.process is not None
        for pid in (self.process.pid, *self.descendants()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def remove(self) -> None:
        """Stop, and delete what lies outside the data folder too."""
        self.stop()
        remove_data(self.data_dir)

    def request(
        self, method: str, path: str, *, key: str = ALICE_KEY, **kwargs: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}", **kwargs.pop("headers", {})}
        kwargs.setdefault("timeout", 60)
        return requests.request(method, self.url + path, headers=headers, **kwargs)

    def chat(self, message: str, *, key: str = ALICE_KEY, **fields: Any) -> requests.Response:
        body = {"message": message, "max_tokens": 12, "temperature": 0.0, **fields}
        return self.request("POST", "/v1/chat", key=key, json=body)


def remove_data(folder: Path) -> None:
    """Delete a data folder, and what lies outside of it: clusters, and logs of the killed."""
    for location in folder.rglob("postgres/location"):
        remove_cluster(location)
    for data in (folder, *(run.parent for run in folder.rglob("run"))):
        shutil.rmtree(program_memory(data), ignore_errors=True)
    # What was killed a moment ago may still write there.
    wait_until(lambda: _removed(folder), PATIENCE_S, f"the end of {folder}")


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def text_lines(response: requests.Response) -> Iterator[str]:
    """The lines of a stream as they arrive, without empty ones."""
    return (line.decode() for line in response.iter_lines(chunk_size=1) if line)


def children() -> set[int]:
    """Process ids of this process's own children, of all its threads."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has ended
            found.update(map(int, task.read_text("ascii").split()))
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
