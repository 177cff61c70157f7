"""What `models list` says of abilities, asked of a server that runs."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pisovereign.cli.main import main
from tests.support.loopback import FREE_PORT, Loopback

CATALOG = {
    "models": [
        {
            "id": "qwen3.5-2b",
            "abilities": {
                "tested": True,
                "calls_tools": True,
                "languages": ["en", "de"],
                "reads_commands": True,
            },
        },
        {"id": "smollm2-135m-instruct", "abilities": {"tested": True}},
    ]
}


def abilities(line: str) -> str:
    """The cell before the state."""
    return line.rsplit("  ", 1)[0].rstrip().rsplit("  ", 1)[1].strip()


def test_abilities_come_from_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer sk-one"
            body = json.dumps(CATALOG).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    monkeypatch.setenv("PISOVEREIGN_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("PISOVEREIGN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PISOVEREIGN_API_KEY", "sk-one")
    with Loopback(ThreadingHTTPServer(FREE_PORT, Handler)) as server:
        assert main(["models", "list", "--url", server.url]) == 0
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert abilities(told["qwen3.5-2b"]) == "tools in en,de; commands"
    assert abilities(told["smollm2-135m-instruct"]) == "talks"
    assert abilities(told["qwen3.5-4b"]) == "unknown"
    assert abilities(told["use-multilingual"]) == "-"
    assert main(["models", "list", "--url", server.url]) == 0, "a server that is away is no error"
    assert "tools in" not in capsys.readouterr().out
