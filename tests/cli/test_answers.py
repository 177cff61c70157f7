"""What `pisovereign-cli` does with addresses and answers that it did not expect."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.cli.test_commands import run
from tests.support.loopback import FREE_PORT, Loopback
from tests.support.server import ALICE_KEY, Server, clean_environment

SHOWN = "\x1b[2J\x9b31m\u202e"
CLEAR = f"{SHOWN}\r"


class Other(BaseHTTPRequestHandler):
    """Some other program; in `/v1/chat/stream` one that means harm."""

    def do_GET(self) -> None:
        kind, body = "text/html", b"<html>A router</html>"
        if self.path == "/v1/chat/stream":
            kind = "text/event-stream"
            body = f'event: message\ndata: {{"delta": "a{CLEAR}b"}}\n\n'.encode()
            body = body.replace(b"\x1b", b"\\u001b").replace(b"\r", b"\\r")
            body += b"event: done\ndata: {}\n\n"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with Loopback(HTTPServer(FREE_PORT, Other)) as server:
        yield server.url


@pytest.mark.parametrize(
    "url", ["localhost:3000", "pisovereign.local", "http://", "http://x:y", "http://x/api"]
)
def test_what_is_no_address_is_told(url: str) -> None:
    done = run("status", f"--url={url}")
    assert done.returncode == 1
    assert f"{url.rstrip('/')!r} is not an address such as http://" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    ["status", "memories list", "memories list --json", "memories export", "catalog run disk-free"],
)
def test_another_program_at_that_address_is_told(other: str, arguments: str) -> None:
    done = run(*arguments.split(), PISOVEREIGN_URL=other, PISOVEREIGN_API_KEY=ALICE_KEY)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not PiSovereign" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_obeys_nobody_elses_text(server: Server, other: str) -> None:
    key = {"PISOVEREIGN_API_KEY": ALICE_KEY}
    environment = key | {"PISOVEREIGN_URL": server.url}
    one = run("memories", "add", stdin=f"first{SHOWN}\nsecond", **environment).stdout.strip()
    try:
        shown = run("memories", "show", one, **environment).stdout
        listed = run("memories", "list", **environment).stdout
    finally:
        run("memories", "delete", one, **environment)
    assert "first\ufffd[2J\ufffd31m\ufffd\nsecond" in shown
    assert "first\ufffd[2J\ufffd31m" in listed
    said = run("chat", "hello", **key | {"PISOVEREIGN_URL": other})
    assert said.stdout == "a\ufffd[2J\ufffd31m\ufffdb\n"
    for printed in (shown, listed):
        assert not set(printed) & set(CLEAR) - set("[2J31m")


@pytest.mark.parametrize(
    "arguments",
    [
        ["chat", b"caf\xe9"],
        ["memories", "add", b"caf\xe9"],
        ["memories", "search", b"caf\xe9"],
        ["memories", "show", b"caf\xe9"],
        ["chat", "--conversation", b"caf\xe9", "hello"],
        ["commands", "run", "weather", b"place=caf\xe9"],
        ["status", b"--url=http://caf\xe9"],
    ],
)
def test_bytes_that_are_no_text_are_told(server: Server, arguments: list[str | bytes]) -> None:
    done = run(*arguments, PISOVEREIGN_URL=server.url, PISOVEREIGN_API_KEY=ALICE_KEY)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pisovereign-cli: ")
    assert "caf\\xe9: not text in UTF-8" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("chat",), ("memories", "add")])
def test_input_that_is_no_text_is_told(server: Server, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pisovereign.cli.main", *arguments],
        input=b"caf\xe9\n",
        env=clean_environment({"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"pisovereign-cli: what was given to read is not text in UTF-8\n"
