"""Running real engine processes, and speaking plain HTTP to their sockets."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine.tool_calls.compiling import compile_form
from pisovereign.engine_client.client import AnswerEvent, Delta, EngineClient, Finished
from pisovereign.engine_client.types import ChatRequest, Message
from tests.support.patience import PATIENCE_S

START_S = 60.0
PUBLIC_PROMPT = "You are brief."
MODEL = "smollm2-135m-instruct"


def grammar_of(schema: dict[str, Any]) -> str:
    """The grammar of an answer that follows a schema."""
    return compile_form(read_schema(schema, "response_format"), {}, None).text


def public_prompt_hash() -> str:
    return hashlib.sha256(PUBLIC_PROMPT.encode()).hexdigest()


def engine_argv(models_dir: Path, sock: Path, *extra: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "pisovereign.engine.main",
        f"--socket={sock}",
        f"--model-file={models_dir / MODEL / 'model.gguf'}",
        f"--model-id={MODEL}",
        "--template=chatml",
        "--context=2048",
        *extra,
    ]


class EngineProcess:
    """One engine on a socket of its own."""

    def __init__(self, models_dir: Path, *extra: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pisov-engine-")
        self.socket = Path(self._folder.name) / "engine.sock"
        self.process = subprocess.Popen(
            engine_argv(models_dir, self.socket, *extra), stderr=subprocess.PIPE
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(self.socket))
                    return
                except OSError:
                    assert self.process.poll() is None, "the engine ended at its start"
            time.sleep(0.05)
        raise AssertionError("the engine does not listen")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(PATIENCE_S)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self._folder.cleanup()
        return code

    def post(self, path: str, body: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, decoded body and headers of a POST; `body` is sent as it is when it is bytes."""

        async def go() -> tuple[int, dict[str, Any], dict[str, str]]:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            async with self.session() as session, session.post("http://e" + path, data=data) as r:
                return r.status, await r.json(), dict(r.headers)

        return asyncio.run(go())

    def get(self, path: str) -> dict[str, Any]:
        async def go() -> dict[str, Any]:
            async with self.session() as session, session.get("http://e" + path) as r:
                answer: dict[str, Any] = await r.json()
                return answer

        return asyncio.run(go())

    def session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.socket)))

    def chat(self, text: str, **fields: Any) -> tuple[list[str], Finished]:
        """Stream an answer; its pieces and its end."""
        return asyncio.run(chat(str(self.socket), text, **fields))


async def chat(target: str, text: str, **fields: Any) -> tuple[list[str], Finished]:
    client = EngineClient(target, timeout_s=PATIENCE_S)
    pieces: list[str] = []
    try:
        async for event in client.chat(request(text, **fields)):
            if isinstance(event, Delta):
                pieces.append(event.text)
            elif isinstance(event, Finished):
                return pieces, event
    finally:
        await client.close()
    raise AssertionError("no end")


def request(text: str, **fields: Any) -> ChatRequest:
    fields.setdefault("temperature", 0.0)
    fields.setdefault("messages", [Message("user", text)])
    return ChatRequest(**fields)


async def until(condition: Callable[[], Awaitable[bool]], limit_s: float = PATIENCE_S) -> None:
    """Wait until an async condition is true."""
    async with asyncio.timeout(limit_s):
        while not await condition():  # noqa: ASYNC110 - the condition is in another process
            await asyncio.sleep(0.02)


class ScriptedServer:
    """An HTTP server that writes given bytes, whatever it is asked; it knows nothing of OpenAI.

    Args:
        parts: pieces of the raw response, each written on its own; a float is a pause in seconds.
    """

    def __init__(self, *parts: bytes | float) -> None:
        self.parts = parts
        self.requests: list[bytes] = []
        self.closed = asyncio.Event()

    async def __aenter__(self) -> ScriptedServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
        length = lengths[0] if lengths else 0
        self.requests.append(head + await reader.readexactly(length))
        for part in self.parts:
            if isinstance(part, float):
                await asyncio.sleep(part)
            else:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
        if self.parts and self.parts[-1] == b"":
            await reader.read()
        self.closed.set()
        writer.close()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


async def pieces_of(stream: AsyncIterator[AnswerEvent]) -> tuple[str, Finished | None]:
    text, end = "", None
    async for event in stream:
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Finished):
            end = event
    return text, end
