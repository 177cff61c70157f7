"""A second API beside the suite's server: same database and engine, other settings."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType

import requests

from tests.support.server import Server, free_port, wait_until


class ApiProcess:
    """`pisovereign api`, for settings that the suite's server cannot have."""

    def __init__(self, server: Server, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environment = server.environment | {"PISOVEREIGN_SERVER__PORT": str(port)} | settings
        self._argv = [sys.executable, "-m", "pisovereign.cli.serve", "api"]
        self._argv.append(f"--database={server.database_dsn()}")
        self.log_path = server.data_dir / f"api-{port}.log"

    def __enter__(self) -> ApiProcess:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._argv, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._lives, 30, "the API's start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(30)

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.log_path.read_text()
        try:
            return requests.get(f"{self.url}/health", timeout=2).ok
        except requests.RequestException:
            return False
