"""Requests of `/v1/responses`, carried out as chat completions are."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import msgspec

from pisovereign.dialects.completions.answering import PreparedRequest
from pisovereign.dialects.openai.response_answers import ModelResponse, ResponseEvent
from pisovereign.dialects.openai.response_input import ChatForm, chat_form
from pisovereign.dialects.openai.response_types import ResponseRequest
from pisovereign.dialects.openai.response_writer import ResponseWriter
from pisovereign.dialects.openai.service import OpenAiService
from pisovereign.errors import ValidationFailed


class PreparedResponse(msgspec.Struct, frozen=True):
    """A request that is ready to be answered, and what its answer is written with."""

    asked: PreparedRequest
    form: ChatForm
    writer: ResponseWriter


class ResponseService:
    """Responses; nothing is stored or remembered.

    Args:
        service: Answers them as chat completions.
    """

    def __init__(self, service: OpenAiService) -> None:
        self._service = service

    async def prepare(self, user: UUID, request: ResponseRequest) -> PreparedResponse:
        """Return a request that is ready to be answered.

        Raises:
            ValidationFailed: A model that is not there, or what cannot be done.
        """
        form = chat_form(request)
        try:
            asked = await self._service.prepare(user, form.request)
        except ValidationFailed as error:
            raise form.renamed(error) from None
        return PreparedResponse(asked, form, ResponseWriter(request, asked.request))

    async def complete(self, prepared: PreparedResponse) -> ModelResponse:
        """Return the whole response.

        Raises:
            EngineUnavailable: The engine is gone, also in the middle.
            ValidationFailed: The input does not fit into the model's context.
        """
        async with aclosing(self.stream(prepared)) as events:
            async for _ in events:
                pass
        return prepared.writer.response

    async def stream(self, prepared: PreparedResponse) -> AsyncGenerator[ResponseEvent]:
        """Yield the events of a response; the first come with its first piece.

        Raises:
            EngineUnavailable, ValidationFailed: as `complete`.
        """
        writer = prepared.writer
        begun = False
        try:
            async with aclosing(self._service.events(prepared.asked)) as events:
                async for event in events:
                    if not begun:
                        begun = True
                        for first in writer.begin():
                            yield first
                    for written in writer.take(event):
                        yield written
        except ValidationFailed as error:
            raise prepared.form.renamed(error) from None
