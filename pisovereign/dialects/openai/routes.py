"""OpenAI's routes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.asgi.sse import EventStream, send_stream
from pisovereign.dialects.completions.answering import PreparedRequest
from pisovereign.dialects.openai.service import OpenAiService
from pisovereign.dialects.openai.types import (
    ChatCompletion,
    Embeddings,
    EncodedVectors,
    ModelEntry,
    ModelList,
)
from pisovereign.engine_client.types import ChatResponse, Chunk

_encoder = msgspec.json.Encoder()


class OpenAiRoutes(Routes, tag="OpenAI"):
    """OpenAI's dialect over HTTP; all rules are in the service."""

    def __init__(self, service: OpenAiService) -> None:
        self._service = service

    @route(
        "POST",
        "/v1/chat/completions",
        summary="Chat in OpenAI's form",
        ignore_unknown=True,
        errors=(502,),
        example=Example(
            request={
                "model": "smollm2-135m-instruct",
                "messages": [{"role": "user", "content": "Say hello."}],
                "max_tokens": 20,
            },
            response={
                "id": "chatcmpl-4b0c6a6c5f0e4d0f9d6a1f2b3c4d5e6f",
                "created": 1770460200,
                "model": "smollm2-135m-instruct",
                "choices": [
                    {
                        "message": {"role": "assistant", "content": "Hello!"},
                        "finish_reason": "stop",
                        "index": 0,
                    }
                ],
                "usage": {
                    "prompt_tokens": 12,
                    "completion_tokens": 3,
                    "total_tokens": 15,
                    "prompt_tokens_details": {"cached_tokens": 0},
                },
                "object": "chat.completion",
            },
        ),
    )
    async def chat_completions(
        self, req: Request, resp: Response, body: ChatCompletion
    ) -> ChatResponse | None:
        r"""Chat in OpenAI's form, for programs that speak it.

        Give them `http://127.0.0.1:3000/v1` as base URL and a key of yours ([an
        example](clients.md#openais-client)). Nothing is stored, no memories are used and no
        commands carried out. OpenAI's own names, such as `gpt-4o-mini`, are taken for the model in
        use (`inference.aliases`). Text and tools only: pictures, `n` over one, `logprobs` and
        `top_logprobs` are refused.
        `response_format` with a JSON schema, `seed`, `stop`, `top_p`, and llama.cpp's `top_k`,
        `min_p` and `repeat_penalty` work; other fields are ignored. With `stream`, the answer comes
        in chunks, as server-sent events. An answer that repeats itself again and again is ended
        with `length`, unless `repetition_guard` is false or it has to have a form.

        `tools` names up to 128 functions that the model may ask your program to call, and
        `tool_choice` says whether it may (`auto`, the default), must (`required`, or a function's
        name) or must not (`none`). The arguments of every call follow the function's JSON Schema,
        also where the model is small; whether `auto` calls at the right moment is up to the model.
        With `parallel_tool_calls` false an answer holds one call at most. What the schema says and
        a model cannot be held to (`pattern`) is left out, or refused with `strict`. Send each
        result as a message of the role `tool` with the `tool_call_id`, after the answer that
        called, whose `content` may be null.

        A model that thinks first does so if `reasoning_effort` is more than `none`, which is the
        default; what it thought is `reasoning_content`, beside `content`. Another server
        (`inference.base_url`) gets all of these as they stand.

        ```json
        {
          "messages": [{"role": "user", "content": "What is the weather in Berlin?"}],
          "tools": [{"type": "function", "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}
          }}],
          "tool_choice": "required"
        }
        ```

        ```json
        {"role": "assistant", "content": null, "tool_calls": [{
          "id": "call_8f14e45fceea167a5a36dedd",
          "function": {"name": "get_weather", "arguments": "{\"city\": \"Berlin\"}"},
          "type": "function"
        }]}
        ```
        """
        prepared = await self._service.prepare(req.context.user.user_id, body)
        if not body.stream:
            return await self._service.complete(prepared)
        usage = body.stream_options is not None and body.stream_options.include_usage
        pieces = self._chunks(prepared, usage=usage)
        await send_stream(resp, EventStream(pieces, _event, lambda error: _event({"error": error})))
        return None

    async def _chunks(self, asked: PreparedRequest, *, usage: bool) -> AsyncGenerator[Chunk | None]:
        """Yield the chunks, and None as the mark of the end."""
        async with aclosing(self._service.stream(asked, usage=usage)) as chunks:
            async for chunk in chunks:
                yield chunk
        yield None

    @route(
        "POST",
        "/v1/embeddings",
        summary="Vectors of texts in OpenAI's form",
        ignore_unknown=True,
        errors=(502,),
        example=Example(
            request={"model": "all-minilm-l6-v2", "input": ["a cat"]},
            response={
                "data": [{"embedding": [0.011, -0.042], "index": 0, "object": "embedding"}],
                "model": "all-minilm-l6-v2",
                "usage": {"prompt_tokens": 4, "total_tokens": 4},
                "object": "list",
            },
        ),
    )
    async def embeddings(self, req: Request, resp: Response, body: Embeddings) -> EncodedVectors:
        """Return vectors of up to 512 texts in OpenAI's form, as numbers or in `base64`.

        OpenAI's own names, `text-embedding-3-small`, `text-embedding-3-large` and
        `text-embedding-ada-002` (`memory.embedding_aliases`), are taken for the first of
        `memory.embedding_models`. `model` of the answer says which that is: the vectors of
        `all-minilm-l6-v2` have 384 numbers. With fewer `dimensions`, the first numbers come, of
        unit length again; more are refused. So are numbers of tokens in the place of text, since
        each model counts tokens otherwise.
        """
        return await self._service.embed(body)

    @route(
        "GET",
        "/v1/models",
        summary="List models in OpenAI's form",
        errors=(502,),
        example=Example(
            response={
                "data": [
                    {
                        "id": "smollm2-135m-instruct",
                        "object": "model",
                        "created": 0,
                        "owned_by": "pisovereign",
                    },
                    {
                        "id": "all-minilm-l6-v2",
                        "object": "model",
                        "created": 0,
                        "owned_by": "pisovereign",
                    },
                    {
                        "id": "use-multilingual",
                        "object": "model",
                        "created": 0,
                        "owned_by": "pisovereign",
                    },
                ],
                "object": "list",
            }
        ),
    )
    async def list_models(self, req: Request, resp: Response) -> ModelList:
        """List the models that `/v1/chat/completions` and `/v1/embeddings` take."""
        return await self._service.models()

    @route(
        "GET",
        "/v1/models/{model}",
        summary="Show a model in OpenAI's form",
        errors=(502,),
        example=Example(
            response={
                "id": "smollm2-135m-instruct",
                "object": "model",
                "created": 0,
                "owned_by": "pisovereign",
            }
        ),
    )
    async def get_model(self, req: Request, resp: Response, model: str) -> ModelEntry:
        """Show one of these models."""
        return await self._service.model(model)


def _event(data: Any) -> bytes:
    return b"data: [DONE]\n\n" if data is None else b"data: " + _encoder.encode(data) + b"\n\n"
