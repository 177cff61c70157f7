"""What `models list` says of abilities, asked of a server that runs."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pisovereign.cli.main import main

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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    monkeypatch.setenv("PISOVEREIGN_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("PISOVEREIGN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PISOVEREIGN_API_KEY", "sk-one")
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert main(["models", "list", "--url", url]) == 0
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert abilities(told["qwen3.5-2b"]) == "tools in en,de; commands"
    assert abilities(told["smollm2-135m-instruct"]) == "talks"
    assert abilities(told["qwen3.5-4b"]) == "unknown"
    assert abilities(told["use-multilingual"]) == "-"
    assert main(["models", "list", "--url", url]) == 0, "a server that is away is no error"
    assert "tools in" not in capsys.readouterr().out
