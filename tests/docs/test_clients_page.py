"""The examples of docs/clients.md, run as they stand."""

from __future__ import annotations

import json
import sys

from tests.docs.blocks import blocks, read
from tests.docs.test_readme import newest_answer, run
from tests.support.browser import browser_page
from tests.support.server import ALICE_KEY, Server

ADDRESS, KEY = "http://localhost:3000", "sk-abc123"


def example(language: str, mark: str, server: Server) -> str:
    (found,) = [
        block.text
        for block in blocks(read("docs/clients.md"))
        if block.language == language and mark in block.text
    ]
    assert ADDRESS in found
    assert KEY in found
    return found.replace(ADDRESS, server.url).replace(KEY, ALICE_KEY)


def test_requests(server: Server) -> None:
    printed = run([sys.executable, "-c", example("python", "requests", server)])
    assert printed.removesuffix("\n") == newest_answer(server)


def test_fetch(server: Server) -> None:
    with browser_page() as page:
        page.goto(f"{server.url}/health")
        printed: list[str] = []
        page.on("console", lambda m: printed.append(m.text) if m.type == "log" else None)
        page.evaluate(f"async () => {{\n{example('javascript', 'fetch', server)}\n}}")
    assert printed == [newest_answer(server)]


def test_openai(server: Server) -> None:
    printed = run([sys.executable, "-c", example("python", "chat.completions.create", server)])
    call, _, words = printed.partition("\n")
    name, _, arguments = call.partition(" ")
    assert name == "get_weather"
    assert json.loads(arguments)["unit"] in ("celsius", "fahrenheit")
    assert words.strip()


def test_responses(server: Server) -> None:
    printed = run([sys.executable, "-c", example("python", "client.responses.stream", server)])
    first, _, second = printed.partition("\n")
    assert first.strip()
    assert second.strip()


def test_agents(server: Server) -> None:
    printed = run([sys.executable, "-c", example("python", "from agents import", server)])
    assert printed in ("15 degrees in Berlin\n", "15 degrees in Rome\n")


def test_ollama(server: Server) -> None:
    (found,) = [
        block.text for block in blocks(read("docs/ollama.md")) if block.language == "python"
    ]
    script = found.replace(ADDRESS, server.url).replace(KEY, ALICE_KEY)
    assert run([sys.executable, "-c", script]).strip()
