"""A device that nobody has set up yet: `pisovereign setup`, as its service starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment, free_port, wait_until

START_LIMIT_S = 90.0
ANSWERS = {
    "name": "Ada",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "model": "smollm2-135m-instruct",
}


class Device:
    """Its data folder, and the one process that runs."""

    def __init__(self, data_dir: Path, models_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(
            {
                "PISOVEREIGN_DATA_DIR": str(data_dir),
                "PISOVEREIGN_MODELS_DIR": str(models_dir),
                "PISOVEREIGN_SERVER__PORT": str(self.port),
                "PISOVEREIGN_SETUP__ENABLED": "true",
                "PISOVEREIGN_SECURITY__RATE_LIMIT_RPM": "1000000",
                **settings,
            }
        )
        self.log_path = data_dir / "setup.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.session = ""

    def start(self) -> Device:
        argv = [sys.executable, "-m", "pisovereign.cli.serve", "setup"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                argv, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.is_there, START_LIMIT_S, "the set-up page")
        return self

    def is_there(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log_path.read_text()
        try:
            return requests.get(f"{self.url}/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE_S)
            finally:
                if self.process.poll() is None:
                    os.kill(self.process.pid, signal.SIGKILL)

    @property
    def code(self) -> str:
        return (self.data_dir / "setup" / "code").read_text().strip()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"X-Setup-Session": self.session, **options.pop("headers", {})}
        return requests.request(
            method, self.url + path, headers=headers, timeout=PATIENCE_S, **options
        )

    def claim(self) -> None:
        answer = self.request("POST", "/setup/claim", json={"code": self.code})
        assert answer.status_code == 200, answer.text
        self.session = answer.json()["session"]

    def make_key(self, **answers: str) -> str:
        answer = self.request("POST", "/setup/key", json=ANSWERS | answers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["api_key"])

    def finish(self, key: str) -> requests.Response:
        return self.request("POST", "/setup/finish", headers={"Authorization": f"Bearer {key}"})
