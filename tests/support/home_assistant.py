"""A real Home Assistant with a demo house, started on loopback.

`make test-home-assistant` installs it and says where it is; without that nothing here is used.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import requests

from tests.support.demo_house import furnish
from tests.support.patience import PATIENCE_S
from tests.support.server import clean_environment, free_port, wait_until

WHERE = "PISOVEREIGN_TEST_HOME_ASSISTANT"
CLIENT = "http://127.0.0.1/"
_START_S = 180.0
_CONFIGURATION = """
homeassistant:
  name: Demo
  unit_system: metric
  currency: EUR
  country: DE
  language: en
  time_zone: Europe/Berlin
  latitude: 52.5
  longitude: 13.4
  elevation: 30
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
auth:
config:
websocket_api:
frontend:
onboarding:
conversation:
intent:
assist_pipeline:
logger:
  default: warning
{more}
"""


def installed() -> Path | None:
    """Return the program; None: there is none to test with."""
    folder = os.environ.get(WHERE)
    return Path(folder) / "venv" / "bin" / "hass" if folder else None


class HomeAssistant:
    """One Home Assistant, with an owner and a token; nothing of it reaches the network.

    Args:
        folder: Where it keeps everything.
        more: Further sections of its configuration, in YAML.
    """

    def __init__(self, folder: Path, more: str = "") -> None:
        program = installed()
        assert program is not None
        self._program = program
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None
        text = _CONFIGURATION.format(port=self.port, more=more)
        (folder / "configuration.yaml").write_text(text, encoding="utf-8")

    def start(self) -> HomeAssistant:
        """Start it; the first time an owner is made, who gets a long-lived token."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), "-c", str(self.folder), "--skip-pip", "--log-no-color"],
                env=clean_environment({"HOME": str(self.folder)}),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, _START_S, "Home Assistant")
        if not self.token:
            self.token = self._new_owner()
        wait_until(self._is_running, _START_S, "Home Assistant's start")
        return self

    def stop(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End it at once, as pulling the plug would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Ask its REST API, and return what it answers."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = requests.request(method, self.url + path, headers=headers, timeout=60, **options)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def commands(self, *commands: Mapping[str, Any]) -> list[Any]:
        """Send commands over its WebSocket, one after the other, and return their results."""
        return asyncio.run(_commands(self.url, self.token, commands))

    def state(self, entity: str) -> str:
        """The state of an entity, such as `on`."""
        found: str = self.request("GET", f"/api/states/{entity}")["state"]
        return found

    def attributes(self, entity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.request("GET", f"/api/states/{entity}")["attributes"]
        return found

    def call(self, service: str, entity: str, **data: Any) -> None:
        """Call a service such as `light.turn_on`, as somebody in the house would."""
        domain, name = service.split(".")
        body = {"entity_id": entity, **data}
        self.request("POST", f"/api/services/{domain}/{name}", json=body)

    def set_up(self, integration: str, *answers: Mapping[str, Any]) -> dict[str, Any]:
        """Set an integration up through its own flow: an answer for each of its forms.

        A form without fields takes `{}`. Returns the flow's last step, of type `create_entry`.
        """
        return self._flow("/api/config/config_entries/flow", {"handler": integration}, answers)

    def add_part(self, entry: str, kind: str, *answers: Mapping[str, Any]) -> dict[str, Any]:
        """Add a part to what is set up, such as a `conversation` of Ollama's, by its flow."""
        path = "/api/config/config_entries/subentries/flow"
        return self._flow(path, {"handler": [entry, kind]}, answers)

    def converse(
        self, text: str, agent: str, *, language: str = "en", conversation: str | None = None
    ) -> dict[str, Any]:
        """Say something to a conversation agent, such as `conversation.ollama`."""
        body = {
            "text": text,
            "agent_id": agent,
            "language": language,
            **({"conversation_id": conversation} if conversation else {}),
        }
        answer: dict[str, Any] = self.request("POST", "/api/conversation/process", json=body)
        return answer

    def _flow(
        self, path: str, opening: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        step: dict[str, Any] = self.request("POST", path, json=opening)
        for answer in answers:
            assert step["type"] in ("form", "menu"), step
            step = self.request("POST", f"{path}/{step['flow_id']}", json=answer)
            while step["type"] in ("progress", "progress_done"):
                time.sleep(0.2)
                step = self.request("GET", f"{path}/{step['flow_id']}")
        assert step["type"] == "create_entry", step
        return step

    def _new_owner(self) -> str:
        owner = {
            "name": "Owner",
            "username": "owner",
            "password": "a password of nobody's",
            "client_id": CLIENT,
            "language": "en",
        }
        code = self.request("POST", "/api/onboarding/users", json=owner)["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT}
        self.token = self.request("POST", "/auth/token", data=grant)["access_token"]
        (token,) = self.commands(
            {
                "type": "auth/long_lived_access_token",
                "client_name": "PiSovereign",
                "lifespan": 365,
            }
        )
        assert isinstance(token, str)
        return token

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        try:
            return requests.get(f"{self.url}/api/onboarding", timeout=5).ok
        except requests.RequestException:
            return False

    def _is_running(self) -> bool:
        state: str = self.request("GET", "/api/config")["state"]
        return state == "RUNNING"


async def _commands(url: str, token: str, commands: Sequence[Mapping[str, Any]]) -> list[Any]:
    async with (
        asyncio.timeout(60),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/api/websocket", max_msg_size=0) as socket,
    ):
        assert (await socket.receive_json())["type"] == "auth_required"
        await socket.send_json({"type": "auth", "access_token": token})
        assert (await socket.receive_json())["type"] == "auth_ok"
        results = []
        for number, command in enumerate(commands, 1):
            await socket.send_json({"id": number, **command})
            answer = await socket.receive_json()
            assert answer["success"], (command, answer)
            results.append(answer["result"])
        return results


@contextmanager
def home_assistant(more: str = "", furnished: bool = True) -> Iterator[HomeAssistant]:
    """Run Home Assistant with the demo house while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-home-"))
    running = HomeAssistant(folder, more)
    try:
        running.start()
        if furnished:
            furnish(running.commands, running.set_up)
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
