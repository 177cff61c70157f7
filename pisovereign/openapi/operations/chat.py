"""Chat and conversations."""

from __future__ import annotations

from pisovereign.chat.types import ChatRequest, ChatResponse, Conversation, ConversationSummary
from pisovereign.openapi.operation import EVENTS, Answer, Operation
from pisovereign.openapi.queries import Page

TAG = "Chat"
OPERATIONS = (
    Operation(
        method="post",
        path="/v1/chat",
        id="chat",
        tag=TAG,
        summary="Send chat message",
        description="Sends a message and waits for the whole answer.",
        request=ChatRequest,
        answer=Answer(type=ChatResponse),
        errors=(502,),
    ),
    Operation(
        method="post",
        path="/v1/chat/stream",
        id="chatStream",
        tag=TAG,
        summary="Send chat message, get the answer piece by piece",
        description="Server-sent events: `message` with a `delta`, last `done` or `error`.",
        request=ChatRequest,
        answer=Answer(media=EVENTS),
        errors=(502,),
    ),
    Operation(
        method="get",
        path="/v1/conversations",
        id="listConversations",
        tag=TAG,
        summary="List conversations",
        query=Page,
        answer=Answer(type=list[ConversationSummary], headers=("X-Total-Count",)),
    ),
    Operation(
        method="get",
        path="/v1/conversations/{conversation_id}",
        id="getConversation",
        tag=TAG,
        summary="Show a conversation with its messages",
        answer=Answer(type=Conversation),
    ),
    Operation(
        method="delete",
        path="/v1/conversations/{conversation_id}",
        id="deleteConversation",
        tag=TAG,
        summary="Forget a conversation",
        answer=Answer(status=204, description="Deleted", media=None),
    ),
)
