"""A connector that is nowhere but in a folder and in a line of the registry is there everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import ApiServer
from tests.support.loopback import FREE_PORT, Loopback, QuietServer
from tests.support.server import ADMIN_KEY, Server, wait_until

CODE = "4711"
_PROGRAM = (sys.executable, "-m", "tests.connectors.example")
FOLDER = Path(__file__).parent / "example"


class PagerServer(Loopback):
    """Takes texts for the pager with the right code."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                known = sent["code"] == CODE
                if known and sent["text"]:
                    pager.shown.append(sent["text"])
                self.send_response(200 if known else 403)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        super().__init__(QuietServer(FREE_PORT, Handler))


class WithPager(ApiServer):
    """The API with one connector more."""

    def start(self, *, wait: bool = True, first: bool = False) -> Server:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*_PROGRAM, "api", f"--database={self.database_dsn()}"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_ready()
        return self


@pytest.fixture(scope="module")
def pager() -> Iterator[PagerServer]:
    with PagerServer() as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server, models_dir: Path) -> Iterator[Server]:
    running = WithPager(server, Path(tempfile.mkdtemp(prefix="pisov-api-")), models_dir)
    try:
        yield running.start()
    finally:
        running.remove()


def ask(api: Server, method: str, path: str, **body: Any) -> dict[str, Any]:
    reply = api.request(method, path, key=ADMIN_KEY, **({"json": body} if body else {}))
    assert reply.status_code < 300, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_it_is_offered_tried_saved_checked_and_tells(api: Server, pager: PagerServer) -> None:
    offered = [each["kind"] for each in ask(api, "GET", "/v1/connections")["connections"]]
    assert offered[-1] == "pager"
    form = ask(api, "GET", "/v1/connections/pager")
    assert [(each["name"], each["label"]) for each in form["fields"]] == [
        ("server", "Server"),
        ("code", "Code"),
    ]
    values = {"server": pager.url, "code": "wrong"}
    tried = ask(api, "POST", "/v1/connections/pager/test", values=values)
    assert tried["status"] == "fails"
    assert "does not know this code" in tried["detail"]
    values["code"] = CODE
    assert ask(api, "POST", "/v1/connections/pager/test", values=values)["status"] == "works"
    saved = ask(api, "PUT", "/v1/connections/pager", values=values)
    assert (saved["source"], saved["secrets"]) == ("saved", {"code": True})
    assert "pager" in ask(api, "GET", "/ready/all")["services"]
    tests = ask(api, "POST", "/v1/integrations/test")["integrations"]
    assert [each["detail"] for each in tests if each["name"] == "pager"] == ["beeps"]
    (deliver, _) = ask(api, "GET", "/v1/settings")["settings"][0]["fields"]
    assert {"value": "pager", "label": "By pager"} in deliver["choices"]
    told = ask(api, "POST", "/v1/notifications/test", way="pager")
    assert told["channel"] == "pager"
    wait_until(lambda: pager.shown, 30, "a message on the pager")


_SHOWN = """
import json, sys
import tests.connectors.example.__main__
from pisovereign.config.loading import masked
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError

try:
    print(json.dumps(masked(load_config({"PISOVEREIGN_CONFIG": sys.argv[1]}))))
except StartError as error:
    print(json.dumps({"fault": str(error)}))
"""


def shown(file: Path, text: str) -> dict[str, Any]:
    """What the program makes of a configuration."""
    file.write_text(text, encoding="utf-8")
    argv = [sys.executable, "-c", _SHOWN, str(file)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_configuration_has_it(tmp_path: Path) -> None:
    """Its section is checked, its secret hidden, and people can be told by it."""
    file = tmp_path / "config.toml"
    config = shown(
        file,
        f'[pager]\nserver = "http://127.0.0.1:1"\ncode = "{CODE}"\n'
        '[reminders]\ndeliver = ["pager"]',
    )
    assert config["pager"] == {"server": "http://127.0.0.1:1", "code": "********"}
    assert config["reminders"]["deliver"] == ["pager"]
    assert f"{file}: pager.server" in shown(file, '[pager]\nserver = "nowhere"\n')["fault"]
    assert "pagr" in shown(file, "[pagr]\n")["fault"]


def test_it_is_small() -> None:
    files = [file for file in FOLDER.rglob("*") if file.suffix in (".py", ".toml")]
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 150
