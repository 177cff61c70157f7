"""The examples of docs/proxy.md, in the proxies that they are for."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import requests

from tests.docs.blocks import blocks, read
from tests.support.patience import PATIENCE_S
from tests.support.programs import optional_program
from tests.support.server import ALICE_KEY, Server, free_port, text_lines, wait_until

HOST = "assistant.example.org"
WEBHOOK = "/v1/webhooks/whatsapp"
Proxy = Callable[[str, int, Path], AbstractContextManager[str]]
"""Serves an example at a port, with its files in a folder; gives the address."""


def example(language: str, number: int) -> str:
    return [each.text for each in blocks(read("docs/proxy.md")) if each.language == language][
        number
    ]


def served(text: str, server: Server, port: int) -> str:
    """An example that asks the server of the tests, and listens without TLS."""
    own = text.replace("127.0.0.1:3000", server.url.removeprefix("http://"))
    lines = [line for line in own.splitlines() if "ssl_certificate" not in line]
    joined = "\n".join(lines) + "\n"
    return joined.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(
        f"{HOST} {{", f"http://{HOST}:{port} {{", 1
    )


@contextmanager
def running(argv: list[str | Path], port: int, folder: Path) -> Iterator[str]:
    log = folder / "proxy.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, stdout=out, stderr=out, cwd=folder, env={"HOME": str(folder), "PATH": "/usr/bin"}
        )
    try:

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                requests.get(f"http://127.0.0.1:{port}/", timeout=2)
            except requests.RequestException:
                return False
            return True

        wait_until(listens, PATIENCE_S, "the proxy's start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@contextmanager
def nginx(text: str, port: int, folder: Path) -> Iterator[str]:
    program = optional_program("nginx")
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
    whole += f"http {{ access_log off;\n{paths}{text}}}\n"
    (folder / "nginx.conf").write_text(whole)
    argv: list[str | Path] = [program, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    with running(argv, port, folder) as url:
        yield url


@contextmanager
def caddy(text: str, port: int, folder: Path) -> Iterator[str]:
    program = optional_program("caddy")
    (folder / "Caddyfile").write_text(f"{{\nadmin off\n}}\n{text}")
    argv: list[str | Path] = [program, "run", "--adapter", "caddyfile", "--config"]
    with running([*argv, folder / "Caddyfile"], port, folder) as url:
        yield url


both_proxies = pytest.mark.parametrize(
    ("language", "proxy"), [("caddyfile", caddy), ("nginx", nginx)]
)


@both_proxies
def test_the_webhook_alone_is_reached(
    language: str, proxy: Proxy, server: Server, tmp_path: Path
) -> None:
    port = free_port()
    with proxy(served(example(language, 0), server, port), port, tmp_path) as url:
        own = {"Host": f"{HOST}:{port}"}
        reached = requests.get(f"{url}{WEBHOOK}", headers=own, timeout=PATIENCE_S)
        assert reached.status_code == 403
        assert "error" in reached.json()
        for path in ("/", "/v1/chat", "/health", f"{WEBHOOK}/../../session"):
            assert (
                requests.get(f"{url}{path}", headers=own, timeout=PATIENCE_S).status_code == 404
            ), path


@both_proxies
def test_the_whole_page_is_reached_and_answers_come_piece_by_piece(
    language: str, proxy: Proxy, server: Server, tmp_path: Path
) -> None:
    port = free_port()
    with proxy(served(example(language, 1), server, port), port, tmp_path) as url:
        headers = {
            "Host": f"{HOST}:{port}",
            "Authorization": f"Bearer {ALICE_KEY}",
        }
        assert requests.get(f"{url}/health", headers=headers, timeout=PATIENCE_S).ok
        body = {"message": "Count to three.", "max_tokens": 8}
        with requests.post(
            f"{url}/v1/chat/stream", json=body, headers=headers, timeout=120, stream=True
        ) as response:
            lines = list(text_lines(response))
        assert lines[-2] == "event: done"
