"""The route of OpenAI's Responses API."""

from __future__ import annotations

from typing import Any

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.asgi.sse import EventStream, send_stream
from pisovereign.dialects.openai.response_answers import ModelResponse, ResponseEvent
from pisovereign.dialects.openai.response_service import ResponseService
from pisovereign.dialects.openai.response_types import ResponseRequest

_encoder = msgspec.json.Encoder()


class ResponseRoutes(Routes, tag="OpenAI"):
    """OpenAI's Responses API over HTTP; all rules are in the service."""

    def __init__(self, service: ResponseService) -> None:
        self._service = service

    @route(
        "POST",
        "/v1/responses",
        summary="Chat in the form of OpenAI's Responses API",
        ignore_unknown=True,
        errors=(502,),
        example=Example(
            request={
                "model": "smollm2-135m-instruct",
                "instructions": "Answer briefly.",
                "input": "Say hello.",
                "max_output_tokens": 200,
                "temperature": 0,
            },
            response={
                "id": "resp_4b0c6a6c5f0e4d0f9d6a1f2b3c4d5e6f",
                "object": "response",
                "created_at": 1770460200,
                "status": "completed",
                "error": None,
                "incomplete_details": None,
                "instructions": "Answer briefly.",
                "max_output_tokens": 200,
                "metadata": {},
                "model": "smollm2-135m-instruct",
                "output": [
                    {
                        "type": "message",
                        "id": "msg_5c1d7b7d6a1f4e1a8e7b2a3c4d5e6f70",
                        "status": "completed",
                        "content": [
                            {
                                "type": "output_text",
                                "text": "Hello!",
                                "annotations": [],
                                "logprobs": [],
                            }
                        ],
                        "role": "assistant",
                    }
                ],
                "parallel_tool_calls": True,
                "previous_response_id": None,
                "reasoning": {"effort": None, "summary": None},
                "store": False,
                "temperature": 0.0,
                "text": {"format": {"type": "text"}},
                "tool_choice": "auto",
                "tools": [],
                "top_p": 0.9,
                "truncation": "disabled",
                "usage": {
                    "input_tokens": 21,
                    "input_tokens_details": {"cached_tokens": 0},
                    "output_tokens": 3,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": 24,
                },
            },
        ),
    )
    async def create_response(
        self, req: Request, resp: Response, body: ResponseRequest
    ) -> ModelResponse | None:
        """Chat in the form of OpenAI's Responses API, which newer programs speak.

        It does what [`/v1/chat/completions`](#post-v1chatcompletions) does, in other words: text,
        functions as tools, `text.format` with a JSON schema, and `reasoning.effort`. `input` is a
        text, or a list of messages, of `function_call`s, as they are in an answer before, and of
        a `function_call_output` for each of them; a `reasoning` item is passed over. With `stream`
        the events from `response.created` to `response.completed` come, each with its
        `sequence_number`; the last one of an answer that is cut by `max_output_tokens` is
        `response.incomplete`, that of one that breaks off `response.failed`.

        No answer is stored: `store` is false, and `previous_response_id` and `conversation` are
        refused, as are `background`, `prompt`, `truncation: auto`, probabilities of tokens, tools
        that are no functions, and parts of messages that are no text. Send the conversation so far
        in `input`. Other fields are ignored.
        """
        prepared = await self._service.prepare(req.context.user.user_id, body)
        if not body.stream:
            return await self._service.complete(prepared)

        def failed(error: dict[str, Any]) -> bytes:
            return b"".join(map(_event, prepared.writer.failed(error["code"], error["message"])))

        await send_stream(resp, EventStream(self._service.stream(prepared), _event, failed))
        return None


def _event(event: ResponseEvent) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode("ascii"), _encoder.encode(event))
