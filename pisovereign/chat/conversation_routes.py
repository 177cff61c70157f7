"""The routes of stored conversations."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Page, Routes, route
from pisovereign.chat.conversations import ConversationService
from pisovereign.chat.history_types import (
    Conversation,
    ConversationChange,
    ConversationQuery,
    ConversationSummary,
    Message,
    MessageQuery,
    MessageSearch,
    SearchResult,
)

_SUMMARY = {
    "id": "conv-123",
    "title": "What is a fjord?",
    "named": False,
    "pinned": False,
    "message_count": 2,
    "created_at": "2026-02-07T10:30:00.159707Z",
    "updated_at": "2026-02-07T10:31:00.159707Z",
}
_MESSAGES = [
    {
        "id": "0c9ec45a-8a4b-469e-94b4-04b59a332916",
        "role": "user",
        "content": "What is a fjord?",
        "created_at": "2026-02-07T10:30:00.159707Z",
        "model": None,
    },
    {
        "id": "868e192e-4045-443f-9477-510e2f9b9937",
        "role": "assistant",
        "content": "A fjord is a long, narrow inlet between cliffs.",
        "created_at": "2026-02-07T10:30:00.159707Z",
        "model": "smollm2-135m-instruct",
        "details": {
            "tokens": {"prompt": 72, "completion": 20, "total": 92, "cached": 60},
            "finish_reason": "stop",
            "speed": {"first_s": 0.41, "tokens_per_s": 14.2},
        },
    },
]


class ConversationRoutes(Routes, tag="Chat"):
    """Conversations over HTTP; all rules are in the service."""

    def __init__(self, service: ConversationService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/conversations",
        summary="List conversations",
        example=Example(response=[_SUMMARY]),
    )
    async def list_conversations(
        self, req: Request, resp: Response, query: ConversationQuery
    ) -> Page[ConversationSummary]:
        """List your conversations: those that are pinned, then the others, the latest first.

        `?limit=` is 1 to 500 (100 if not given), `?offset=` skips entries. If there are more, the
        header `X-Next-Cursor` has what `?cursor=` takes for those that follow, whatever is said
        meanwhile.

        `title` is the one that somebody gave (`named`), or the beginning of the first message. It
        is empty, and `error` says why, if what is stored of it cannot be opened.
        """
        return Page(*await self._service.page(req.context.user.user_id, query))

    @route(
        "GET",
        "/v1/conversations/{id}",
        summary="Show a conversation with its messages",
        example=Example(response={**_SUMMARY, "messages": _MESSAGES}),
    )
    async def get_conversation(
        self, req: Request, resp: Response, conversation: str
    ) -> Conversation:
        """Show one conversation with all of its messages, the oldest first: also its export.

        `model` is null for your own. `details` are what a model's answer used, as in the answer of
        `/v1/chat`; empty lists are left out. `tools` has the tools that were called, `commands`
        what commands answered.
        """
        return await self._service.whole(req.context.user.user_id, conversation)

    @route(
        "PATCH",
        "/v1/conversations/{id}",
        summary="Name or pin a conversation",
        fields={
            "title": (
                "1 to 200 characters, not blank, no NUL; null calls it after its first message "
                "again"
            ),
            "pinned": "whether it comes first in the list",
        },
        example=Example(
            request={"title": "Norway", "pinned": True},
            response={**_SUMMARY, "title": "Norway", "named": True, "pinned": True},
        ),
    )
    async def change_conversation(
        self, req: Request, resp: Response, conversation: str, body: ConversationChange
    ) -> ConversationSummary:
        """Change what is given, and show the conversation in the form of the list.

        A title is sealed at rest, as all that is said.
        """
        return await self._service.change(req.context.user.user_id, conversation, body)

    @route(
        "DELETE",
        "/v1/conversations/{id}",
        summary="Forget a conversation",
        status=204,
    )
    async def delete_conversation(self, req: Request, resp: Response, conversation: str) -> None:
        """Delete a conversation and every message in it; memories that were made of it stay.

        The answer is 204 without a body, or 404 if there is none.
        """
        await self._service.delete(req.context.user.user_id, conversation)

    @route(
        "GET",
        "/v1/conversations/{id}/messages",
        summary="Show the last messages of a conversation, or those before them",
        example=Example(response=_MESSAGES[:1]),
    )
    async def list_messages(
        self, req: Request, resp: Response, conversation: str, query: MessageQuery
    ) -> Page[Message]:
        """Show the last messages of a conversation, the oldest of them first.

        `?limit=` is 1 to 200 (50 if not given). If there are older ones, the header
        `X-Next-Cursor` has what `?cursor=` takes for them.

        The form is that of `GET /v1/conversations/{id}`. The last message is a user's if its answer
        failed, or is still written: then it has `answering`, and
        [its stream](#get-v1chatstreamsid) can be watched.
        """
        return Page(*await self._service.messages(req.context.user.user_id, conversation, query))

    @route(
        "GET",
        "/v1/conversations/{id}/markdown",
        summary="Export a conversation as Markdown",
        media_type="text/markdown",
        example=Example(
            response=(
                "# What is a fjord?\n\n## You · 2026-02-07 10:30 UTC\n\nWhat is a fjord?\n\n"
                "## PiSovereign · 2026-02-07 10:30 UTC\n\n"
                "A fjord is a long, narrow inlet between cliffs.\n"
            )
        ),
    )
    async def export_conversation(self, req: Request, resp: Response, conversation: str) -> None:
        """Export one conversation as a text to read, in the language of `Accept-Language`.

        `GET /v1/conversations/{id}` has all of it for programs.
        """
        language = req.context.language
        user = req.context.user.user_id
        resp.content_type = "text/markdown; charset=utf-8"
        resp.set_header("Cache-Control", "no-store")
        resp.text = await self._service.markdown(user, conversation, language)

    @route(
        "POST",
        "/v1/messages/search",
        summary="Search in your conversations",
        fields={
            "query": "1 to 200 characters, not blank, no NUL; all of its words have to be there",
            "limit": "1 to 100 conversations, 20 if not given",
            "cursor": "what an answer gave, to search on from there",
        },
        example=Example(
            request={"query": "bergen"},
            response={
                "found": [
                    {
                        "conversation": _SUMMARY,
                        "messages": [
                            {
                                "id": "0c9ec45a-8a4b-469e-94b4-04b59a332916",
                                "role": "user",
                                "excerpt": "How far is it to Bergen?",
                                "created_at": "2026-02-07T10:30:00.159707Z",
                            }
                        ],
                    }
                ],
                "searched": 2,
                "cursor": None,
            },
        ),
    )
    async def search_messages(
        self, req: Request, resp: Response, body: MessageSearch
    ) -> SearchResult:
        """Search in titles and messages, whatever the case of letters; the newest come first.

        A conversation is found where one message has all words, also as parts of words, or the
        title that somebody gave. At most three messages of each are shown, each by an `excerpt`.

        What was said is sealed at rest, so it is opened and read for a search: up to 5,000 messages
        at once. If `cursor` is not null there are more, and the same search with it goes on from
        there; it may find another message of a conversation that it has found before.
        """
        return await self._service.search(req.context.user.user_id, body)
