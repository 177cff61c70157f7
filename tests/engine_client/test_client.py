"""The client against the real engine, and against servers with habits of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pisovereign.engine_client.client import (
    ContextExceeded,
    Delta,
    EngineClient,
    EngineMisbehaved,
    EngineUnavailable,
    Finished,
)
from pisovereign.engine_client.types import (
    JsonSchema,
    JsonSchemaFormat,
    PromptTokensDetails,
    Usage,
)
from tests.engine.support import (
    EngineProcess,
    ScriptedServer,
    chat,
    http,
    pieces_of,
    request,
    until,
)
from tests.support.long_answers import LONG, MANY
from tests.support.patience import PATIENCE_S

HI = b'data: {"choices":[{"delta":{"content":"Hi"}}]}'
STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}'
ENDLESS = JsonSchemaFormat(JsonSchema(MANY))


def talk(*parts: bytes | float, timeout_s: float = PATIENCE_S) -> tuple[str, Finished | None]:
    """What the client makes of a scripted answer."""

    async def go() -> tuple[str, Finished | None]:
        async with ScriptedServer(*parts) as server:
            client = EngineClient(server.url, timeout_s=timeout_s)
            try:
                return await pieces_of(client.chat(request("Hello", model="m")))
            finally:
                await client.close()

    return asyncio.run(go())


def with_server(parts: list[bytes | float], use: Any) -> Any:
    async def go() -> Any:
        async with ScriptedServer(*parts) as server:
            client = EngineClient(server.url, api_key="key")
            try:
                return await use(client), server.requests
            finally:
                await client.close()

    return asyncio.run(go())


def test_a_usual_server() -> None:
    usage = (
        b'data: {"choices":[],"model":"real-name","usage":{"prompt_tokens":3,"completion_tokens":2,'
        b'"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":0}}}'
    )
    stream = b"\n\n".join([HI, STOP, usage, b"data: [DONE]", b""])
    expected = Finished("stop", Usage(3, 2, 5, PromptTokensDetails(1)), "real-name")
    assert talk(http(stream)) == ("Hi", expected)


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"\r\n\r\n".join([HI, STOP, b"data: [DONE]", b""]), id="crlf"),
        pytest.param(b": ping\n\n" + HI + b"\n\n: ping\n\n" + STOP + b"\n\n", id="comments"),
        pytest.param(HI + b"\n\n" + STOP, id="no blank line at the end"),
        pytest.param(
            b'data:{"choices":[{"delta":{"role":"assistant","content":null,"x":1}}],"y":{}}\n\n'
            b'event: message\nid: 1\ndata: {"choices":[{"delta":{"content":"Hi"},'
            b'"finish_reason":null}],"usage":null,"error":null}\n\n'
            b'data: {"choices":[{"finish_reason":"eos"}]}\n\ndata: [DONE]\n\n',
            id="nulls and unknown fields",
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_other_habits(stream: bytes, size: int) -> None:
    whole = http(stream)
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    text, end = talk(*parts)
    assert text == "Hi"
    assert end == Finished("stop", Usage(), "m")


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (http(HI + b"\n\n"), EngineUnavailable),
        (http(HI + b"\n\ndata: [DONE]\n\n"), EngineUnavailable),
        (http(HI + b'\n\ndata: {"error":{"message":"boom","code":500}}\n\n'), EngineUnavailable),
        (http(HI + b"\n\n", "200 OK", "Content-Length: 5000"), EngineUnavailable),
        (http(HI + b"\n\ndata: {oops\n\n"), EngineMisbehaved),
        (http(b'data: "\xff"\n\n'), EngineMisbehaved),
        (http(b"data: " + b"x" * (1 << 21)), EngineMisbehaved),
        (http(b"<html>", "404 Not Found"), EngineMisbehaved),
        (http(b"", "302 Found", "Location: http://127.0.0.1:9/"), EngineMisbehaved),
        (b"garbage\r\n\r\n", EngineMisbehaved),
        (http(b'{"error":"no such model"}', "400 Bad Request"), EngineMisbehaved),
    ],
)
def test_broken_answers(response: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        talk(response)


@pytest.mark.parametrize(
    ("body", "lengths"),
    [
        ({"code": "context_length_exceeded", "prompt_tokens": 9, "context_length": 8}, (9, 8)),
        ({"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8},
         (9, 8)),
        ({"message": "This model's maximum context length is 8 tokens."}, (None, None)),
    ],
)  # fmt: skip
def test_a_prompt_that_is_too_long(
    body: dict[str, Any], lengths: tuple[int | None, int | None]
) -> None:
    with pytest.raises(ContextExceeded) as caught:
        talk(http(json.dumps({"error": body}).encode(), "400 Bad Request"))
    assert (caught.value.prompt_tokens, caught.value.context_length) == lengths


def test_a_busy_server() -> None:
    with pytest.raises(EngineUnavailable) as caught:
        talk(http(b'{"error":{"message":"full"}}', "503 Service Unavailable", "Retry-After: 7"))
    assert caught.value.retry_after == 7
    assert caught.value.headers == {"Retry-After": "7"}


@pytest.mark.parametrize("parts", [(5.0,), (http(HI + b"\n\n"), 5.0)])
def test_a_silent_server(parts: tuple[bytes | float, ...]) -> None:
    with pytest.raises(EngineUnavailable, match="in time"):
        talk(*parts, timeout_s=0.2)


def test_nobody_there(tmp_path: Path) -> None:
    for target in (str(tmp_path / "absent.sock"), "http://127.0.0.1:9/v1"):
        with pytest.raises(EngineUnavailable, match="reached"):
            asyncio.run(chat(target, "Hello"))


@pytest.mark.parametrize("low_priority", [False, True])
def test_what_is_sent(low_priority: bool) -> None:
    """Other servers than our own engine are not told who gives way: it is dear, or refused."""

    async def use(client: EngineClient) -> Any:
        wanted = request("Hello", model="m", max_tokens=7)
        return await pieces_of(client.chat(wanted, low_priority=low_priority))

    _, (sent,) = with_server([http(STOP + b"\n\n")], use)
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1")
    assert b"Authorization: Bearer key" in head
    assert json.loads(body) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0.0,
        "max_tokens": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_leaving_closes_the_connection_at_once() -> None:
    async def go() -> None:
        async with ScriptedServer(http(HI + b"\n\n"), b"") as server:
            client = EngineClient(server.url)
            stream = client.chat(request("Hello"))
            assert await anext(stream) == Delta("Hi")
            await stream.aclose()
            await asyncio.wait_for(server.closed.wait(), PATIENCE_S)
            await client.close()

    asyncio.run(go())


def health_of(*parts: bytes | float) -> Any:
    return with_server(list(parts), lambda client: client.health())[0]


def test_health_of_a_server_that_is_loading() -> None:
    with pytest.raises(EngineUnavailable, match="loading"):
        health_of(http(b'{"error":{"message":"Loading model"}}', "503 Service Unavailable"))


def test_health_of_a_foreign_server() -> None:
    listing = {"data": [{"id": "qwen", "meta": {"n_ctx_train": 4096}, "object": "model"}]}
    health = health_of(http(json.dumps(listing).encode()))
    assert (health.model, health.context_length) == ("qwen", 4096)


def test_health_of_an_engine_without_statistics() -> None:
    health = health_of(http(b'{"status": "ok", "model": "small", "context_length": 8192}'))
    assert (health.model, health.context_length, health.statistics) == ("small", 8192, None)
    assert health.template_warning == ""


def test_health_tells_why_another_template_is_used() -> None:
    body = b'{"model": "small", "context_length": 8192, "template_warning": "it is broken"}'
    assert health_of(http(body)).template_warning == "it is broken"


async def _told(client: EngineClient) -> str | None:
    return (await client.health()).model


async def _answered(client: EngineClient) -> str | None:
    _, end = await pieces_of(client.chat(request("Hello", model="m")))
    return end.model if end else None


@pytest.mark.parametrize("ask", [_told, _answered])
def test_the_engine_that_has_the_socket_now_is_asked(ask: Any, tmp_path: Path) -> None:
    """One that gave its socket's name away may still answer on a connection that was kept."""

    async def serve(model: str) -> web.AppRunner:
        async def health(_: web.Request) -> web.Response:
            return web.json_response({"status": "ok", "model": model, "context_length": 512})

        async def chat(_: web.Request) -> web.Response:
            named = b'data: {"choices":[],"model":"%s"}' % model.encode()
            return web.Response(body=b"\n\n".join([HI, STOP, named, b"data: [DONE]", b""]))

        app = web.Application()
        app.router.add_get("/health", health)
        app.router.add_post("/v1/chat/completions", chat)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.UnixSite(runner, str(tmp_path / model)).start()
        return runner

    async def go() -> list[str | None]:
        servers = [await serve("first"), await serve("second")]
        socket = tmp_path / "engine.sock"
        client = EngineClient(str(socket))
        found = []
        try:
            for model in ("first", "second"):
                (tmp_path / model).rename(socket)
                found.append(await ask(client))
        finally:
            await client.close()
            for server in servers:
                await server.cleanup()
        return found

    assert asyncio.run(go()) == ["first", "second"]


def test_health_of_something_else() -> None:
    with pytest.raises(EngineMisbehaved):
        health_of(http(b"<html>hello</html>"))


@pytest.mark.parametrize("indices", [[0], [0, 0], [0, 2]])
def test_wrong_embeddings(indices: list[int]) -> None:
    rows = {"data": [{"embedding": [1.0], "index": index} for index in indices]}
    with pytest.raises(EngineMisbehaved):
        with_server([http(json.dumps(rows).encode())], lambda client: client.embed(["a", "b"]))


def test_the_real_engine(engine: EngineProcess) -> None:
    async def go() -> None:
        client = EngineClient(str(engine.socket))
        health = await client.health()
        assert (health.model, health.context_length) == ("smollm2-135m-instruct", 2048)
        assert health.embedding_model in await client.models()
        first, second = (await client.embed(["a cat", "a kitten"])).vectors
        assert sum(a * b for a, b in zip(first, second, strict=True)) > 0.5
        with pytest.raises(ContextExceeded) as caught:
            await pieces_of(client.chat(request("word " * 3000)))
        assert caught.value.context_length == 2048
        await client.close()

    asyncio.run(go())


def test_leaving_the_real_engine_frees_it(engine: EngineProcess) -> None:
    async def go() -> None:
        client = EngineClient(str(engine.socket))
        stream = client.chat(request("Is it so?", max_tokens=LONG, response_format=ENDLESS))
        assert isinstance(await anext(stream), Delta)
        await stream.aclose()

        async def free() -> bool:
            return (await client.health()).active == 0

        await until(free, PATIENCE_S)
        await client.close()

    asyncio.run(go())


def test_an_engine_that_is_killed_in_the_middle(models_dir: Path) -> None:
    engine = EngineProcess(models_dir)

    async def go() -> None:
        client = EngineClient(str(engine.socket))
        stream = client.chat(request("Is it so?", max_tokens=LONG, response_format=ENDLESS))
        await anext(stream)
        os.kill(engine.process.pid, signal.SIGKILL)
        with pytest.raises(EngineUnavailable):
            async with asyncio.timeout(PATIENCE_S):
                await pieces_of(stream)
        with pytest.raises(EngineUnavailable):
            await client.health()
        await client.close()

    asyncio.run(go())
    engine.stop()
