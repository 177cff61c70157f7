"""The routes of chat."""

from __future__ import annotations

import contextlib
from functools import partial

from falcon.asgi import Request, Response

from pisovereign.approvals.types import NoFields
from pisovereign.asgi import sse
from pisovereign.asgi.routes import EVENTS, Example, Routes, parse_id, route
from pisovereign.asgi.sse import EventStream, last_event_id, send_events, send_stream
from pisovereign.chat.answer_streams import AnswerStreams, StreamStatus
from pisovereign.chat.service import ChatService
from pisovereign.chat.stream_events import Piece, event_of
from pisovereign.chat.types import ChatRequest, ChatResponse, Promise, StreamRequest
from pisovereign.chat.user_message import UserMessage
from pisovereign.languages import Language


class ChatRoutes(Routes, tag="Chat"):
    """Chat over HTTP; all rules are in the service."""

    def __init__(self, service: ChatService, streams: AnswerStreams) -> None:
        self._service = service
        self._streams = streams

    @route(
        "POST",
        "/v1/chat",
        summary="Send chat message",
        errors=(409, 502, 507),
        fields={
            "message": "1 to 10,000 characters, not blank, no NUL",
            "conversation_id": (
                "1 to 128 of `A-Z a-z 0-9 . _ : -`; an unknown one is begun, none begins a new one"
            ),
            "system_prompt": (
                "1 to 8,000 characters, no NUL; for this turn, in place of the configured one"
            ),
            "model": "a model that the engine has loaded",
            "temperature": "0.0 to 2.0",
            "max_tokens": "1 to 8192, for the answer",
            "use_memory": "whether the model may be told of memories; true if not given",
            "use_documents": "the same of passages of documents",
            "learn": ("whether your message may be learned from; `memory.learn` if not given"),
            "commands": (
                "whether a message that is clearly a command is carried out; "
                "`chat.commands` if not given"
            ),
            "replaces": (
                "the id of a message of yours in the conversation: this one takes its place, and "
                "once it is answered all that followed goes"
            ),
            "client_message_id": (
                "a UUID of your own for the message: sent twice, it is one message"
            ),
        },
        example=Example(
            request={
                "message": "What is a fjord?",
                "conversation_id": "conv-123",
                "temperature": 0.7,
                "max_tokens": 40,
            },
            response={
                "id": "868e192e-4045-443f-9477-510e2f9b9937",
                "conversation_id": "conv-123",
                "role": "assistant",
                "content": "A fjord is a long, narrow inlet between cliffs.",
                "model": "smollm2-135m-instruct",
                "tokens": {"prompt": 72, "completion": 20, "total": 92, "cached": 60},
                "finish_reason": "stop",
                "memories": [],
                "speed": {"first_s": 0.41, "tokens_per_s": 14.2},
                "created_at": "2026-02-07T10:30:00.159707Z",
            },
        ),
    )
    async def chat(self, req: Request, resp: Response, body: ChatRequest) -> ChatResponse:
        """Send a message and wait for the whole answer.

        `finish_reason` is `stop`, or `length` if the answer was cut: by `max_tokens`, the context
        or `inference.max_answer_s`, or because it repeated itself. Without `max_tokens` a line
        below the answer says so, too.
        `cached` counts the prompt tokens that needed no new computation.

        `memories` are those that the model was told beside your message, as `{"id":
        "9f0a3a52-3d5c-4c8e-8f0e-6a5f2f3f7c11", "similarity": 0.61}`, best first: at most
        `memory.chat_limit`, and only what [fits the message](memory.md#in-chat). `similarity` is
        null while the embedding model is away. When memories cannot be searched in time, the answer
        comes without them. Each counts as used. What you [state about yourself](memory.md#learning)
        may become a memory, shortly after the answer.

        If the message is clearly a command, what came of it is the answer, no model is asked, and
        there is one more field, `command`: see [commands.md](commands.md#in-chat). `model` is
        `commands` then, and no tokens are counted.

        A model that [may call tools](conversation.md#tools) can do so before it answers. `tools`
        has each call with its `arguments`, and what came of it: `status` is `completed`,
        `pending_approval`, `failed` or `refused`, `text` tells it in words, and `outside_text` says
        whether others wrote in it. What changes something has `approval_id`, `title` and
        `expires_at` of the approval that it waits for: nothing has happened yet, and the answer
        says so. `tokens` are those of all rounds together then.

        `speed` tells how many seconds the first words took, and how many tokens came in each second
        from then on (null if they were too few to tell).

        `degraded` is there when something was missing: `["memories"]` if they could not be looked
        for, or by their words alone. `claim_withheld` is there when the model claimed [what was not
        done](commands.md#what-an-answer-may-claim). `caution` is there when no model answered,
        because the question was [of health or safety](conversation.md#health-and-safety).

        With `replaces` what you said before is asked in another way, or once more. Until the new
        answer is stored, nothing is lost. What was done for the turns that go [stays
        done](conversation.md#editing), memories of them stay, and approvals that they still wait
        for are withdrawn. The same text where a command was carried out is a 409.

        With `client_message_id` a request may be sent again when its answer was lost on the way:
        what was answered already is answered the same, what is being answered is joined, and only
        what failed is tried again. Nothing that the message asked for is done twice. Another text
        under the same id is a 409.

        Your message is stored before it is answered, the answer when it is complete. An answer
        that fails is not stored, nor is one whose client left; leaving stops the work on it. When a
        conversation outgrows the model's context, old turns are no longer sent to the model; they
        stay stored. A single message that does not fit is a 422; memories are left out before that.
        """
        if body.client_message_id is not None:
            return await self._streams.whole(req.context.user, body, _language(req))
        turn = await self._service.begin(_message(req, body))
        async with contextlib.aclosing(self._service.answer(turn)) as answer:
            async for piece in answer:
                if isinstance(piece, ChatResponse):
                    return piece
        raise AssertionError("an answer ends with its response, or with an error")

    @route(
        "POST",
        "/v1/chat/stream",
        summary="Send chat message, get the answer piece by piece",
        media_type=EVENTS,
        errors=(409, 502, 507),
        example=Example(
            request={"message": "Hello", "max_tokens": 8},
            response=(
                "event: expected\n"
                'data: {"expected_s": {"first": 0.38, "end": 0.52}}\n'
                "\n"
                "event: message\n"
                'data: {"delta": "Hello"}\n'
                "\n"
                "event: done\n"
                'data: {"tokens": {"prompt": 70, "completion": 2, "total": 72, "cached": '
                '60}, "id": "868e192e-4045-443f-9477-510e2f9b9937", "conversation_id": '
                '"conv-123", "model": "smollm2-135m-instruct", "finish_reason": "stop", '
                '"memories": [], "speed": {"first_s": 0.41, "tokens_per_s": 14.2}, '
                '"created_at": "2026-02-07T10:30:00.159707Z"}\n'
            ),
        ),
    )
    async def chat_stream(self, req: Request, resp: Response, body: StreamRequest) -> None:
        """Send a message, as to `/v1/chat`, and get the answer piece by piece.

        The answer comes as server-sent events, and is stored in the same way. The deltas together
        are exactly the stored content.

        With one more field, `resumable` (false if not given), the answer goes on for
        `chat.resume_grace_s` seconds after its client was cut off. Each event has an `id` then, the
        first one is `started` with the `message_id`, and
        [the stream](#get-v1chatstreamsid) can be taken up again.

        Tools that the model calls come between the deltas: `event: tool_call` with `id`, `name` and
        `arguments`, then `event: tool_result` with the same `id` and what came of it, as in `tools`
        of `/v1/chat`.

        `event: expected` comes before the first word, where the built-in engine answers: in
        `expected_s` it has when the `first` word and the `end` are expected, in seconds since the
        message came, by the speed measured on this board, what of the prompt is new, and who else
        is answered. How long the answer becomes is guessed by those before it. Of one that takes
        more than `chat.told_after_s` it has a `notice`, which says that its reader will be told: a
        `resumable` answer then goes on however long its client is away, and once it is there, who
        does not look at it is told in the ways of `approvals.deliver`. After calls of tools it
        comes again.

        Comment lines (`: waiting`) are sent while the first token takes its time. A failure that is
        known before the first byte has its usual status; a later one is the last event, `event:
        error`, whose data is the inside of the error object.
        """
        if body.resumable or body.client_message_id is not None:
            user = req.context.user
            message = await self._streams.open(user, body, _language(req))
            after = last_event_id(req)
            send_events(resp, await self._streams.watch(user.user_id, message, after))
            return
        turn = await self._service.begin(_message(req, body))
        answer = self._service.answer(turn)
        events = EventStream(
            answer, _event, partial(sse.event, "error"), is_early=lambda p: isinstance(p, Promise)
        )
        await send_stream(resp, events)

    @route(
        "GET",
        "/v1/chat/streams/{id}",
        summary="Take up the stream of an answer again",
        media_type=EVENTS,
        errors=(400,),
        example=Example(
            response=(
                "id: 1\n"
                "event: started\n"
                'data: {"message_id": "0c9ec45a-8a4b-469e-94b4-04b59a332916", '
                '"conversation_id": "conv-123"}\n'
                "\n"
                "id: 2\n"
                "event: expected\n"
                'data: {"expected_s": {"first": 0.38, "end": 0.52}}\n'
                "\n"
                "id: 3\n"
                "event: message\n"
                'data: {"delta": "Hello"}\n'
                "\n"
                "id: 4\n"
                "event: done\n"
                'data: {"tokens": {"prompt": 70, "completion": 2, "total": 72, "cached": '
                '60}, "id": "868e192e-4045-443f-9477-510e2f9b9937", "conversation_id": '
                '"conv-123", "model": "smollm2-135m-instruct", "finish_reason": "stop", '
                '"memories": [], "created_at": "2026-02-07T10:30:00.159707Z", '
                '"speed": {"first_s": 0.41, "tokens_per_s": 14.2}}\n'
            )
        ),
    )
    async def watch_answer(self, req: Request, resp: Response, message: str) -> None:
        """Stream an answer that was asked for with `resumable`, from its first event on.

        The id is that of the message, from the event `started`. With `Last-Event-ID` it goes on
        where a client was cut off, without a gap and whatever process serves it; that of an answer
        which is over is sent whole and ends. It is kept for ten minutes after that, and then a 404:
        the answer is in its conversation. A comment comes every other second at least.

        The last event is `done`, `error`, or `stopped`: it was ended before its first word.
        """
        user = req.context.user.user_id
        stream = await self._streams.watch(user, parse_id(message, "stream"), last_event_id(req))
        send_events(resp, stream)

    @route(
        "POST",
        "/v1/chat/streams/{id}/cancel",
        summary="End an answer where it is",
        optional_body=True,
        example=Example(
            response={
                "id": "0c9ec45a-8a4b-469e-94b4-04b59a332916",
                "conversation_id": "conv-123",
                "status": "done",
            }
        ),
    )
    async def cancel_answer(
        self, req: Request, resp: Response, message: str, body: NoFields
    ) -> StreamStatus:
        """End an answer where it is; its stream tells what came of that.

        What was shown of it until then is stored as the answer, with `finish_reason` `stopped`,
        unless it was to take the place of another one, which stays. A command goes to its end.
        `status` is `running`, `done`, `stopped` or `failed`; one that is over stays as it is.
        """
        return await self._streams.cancel(req.context.user.user_id, parse_id(message, "stream"))


def _message(req: Request, body: ChatRequest) -> UserMessage:
    return UserMessage(identity=req.context.user, request=body, language=_language(req))


def _language(req: Request) -> Language:
    language: Language = req.context.language
    return language


def _event(piece: Piece) -> bytes:
    return sse.event(*event_of(piece))
