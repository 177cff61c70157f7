"""A server that answers the questions of the test as it is told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from pisovereign.engine_client.client import EngineClient
from pisovereign.model_tests.questions import ToolQuestion, load_questions
from pisovereign.model_tests.tool_test import Call

Answer = Callable[[ToolQuestion], list[Call] | None]


def meant(question: ToolQuestion) -> list[Call]:
    """The calls that are right."""
    if question.tool is None:
        return []
    return [Call(question.tool, {name: words[0] for name, words in question.arguments.items()})]


@asynccontextmanager
async def scripted_engine(answer: Answer) -> AsyncIterator[EngineClient]:
    """A client of a server of OpenAI's API; where the answer is None, it is not there."""
    asked = {
        question.text: question
        for questions in load_questions().calls.values()
        for question in questions
    }

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        assert body["temperature"] == 0
        assert len(body["tools"]) == len(load_questions().tools)
        calls = answer(asked[body["messages"][-1]["content"]])
        if calls is None:
            return web.Response(status=503)
        return web.Response(body=_stream(calls), content_type="text/event-stream")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = EngineClient(f"{site.name}/v1")
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


def _stream(calls: list[Call]) -> bytes:
    deltas: list[dict[str, Any]] = [{"content": "Well."}] if not calls else []
    for index, call in enumerate(calls):
        text = "{" if call.arguments is None else json.dumps(call.arguments)
        function = {"name": call.name, "arguments": text}
        one = {"index": index, "id": f"c{index}", "type": "function", "function": function}
        deltas.append({"tool_calls": [one]})
    chunks: list[dict[str, Any]] = [{"delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"delta": {}, "finish_reason": "tool_calls" if calls else "stop"})
    lines = [
        b"data: " + json.dumps({"model": "x", "choices": [{**chunk, "index": 0}]}).encode()
        for chunk in chunks
    ]
    return b"\n\n".join([*lines, b"data: [DONE]", b""])
