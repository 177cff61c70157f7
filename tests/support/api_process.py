"""A second API beside the suite's server: same database and engine, other settings."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import requests

from tests.support.forked_program import ForkedProgram
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, free_port, wait_until


class ApiProcess:
    """`pisovereign api`, for settings that the suite's server cannot have.

    Attributes:
        module: What is run, whose `main` takes the arguments.
    """

    def __init__(self, server: Server, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        own = {
            "PISOVEREIGN_SERVER__PORT": str(port),
            # Tests look at what the model is told, also when they ask twice.
            "PISOVEREIGN_CACHE__ANSWERS_S": "0",
        }
        self._environment = server.environment | own | settings
        self.module = "pisovereign.cli.serve"
        self._arguments = ["api", f"--database={server.database_dsn()}"]
        self.log_path = server.data_dir / f"api-{port}.log"

    def __enter__(self) -> ApiProcess:
        self.process = ForkedProgram(self.module, self._arguments, self._environment, self.log_path)
        wait_until(self._lives, 90, "the API's start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def request(
        self, method: str, path: str, *, key: str = ALICE_KEY, **kwargs: Any
    ) -> requests.Response:
        """Ask this process, as `Server.request` asks the suite's."""
        headers = {"Authorization": f"Bearer {key}"}
        kwargs.setdefault("timeout", 60)
        return requests.request(method, self.url + path, headers=headers, **kwargs)

    def chat(self, message: str, *, key: str = ALICE_KEY, **fields: Any) -> dict[str, Any]:
        """One turn; returns the answer."""
        body = {"message": message, "max_tokens": 12, "temperature": 0.0, **fields}
        response = self.request("POST", "/v1/chat", key=key, json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.log_path.read_text()
        try:
            return requests.get(f"{self.url}/health", timeout=2).ok
        except requests.RequestException:
            return False
