"""OpenAI's dialect."""

from __future__ import annotations

from pisovereign.engine_client.types import ChatResponse
from pisovereign.openai.types import (
    ChatCompletion,
    Embeddings,
    EncodedVectors,
    ModelEntry,
    ModelList,
)
from pisovereign.openapi.operation import Answer, Operation

TAG = "OpenAI"
OPERATIONS = (
    Operation(
        method="post",
        path="/v1/chat/completions",
        id="chatCompletions",
        tag=TAG,
        summary="Chat in OpenAI's form",
        description="With `stream`, the answer is a stream of server-sent events.",
        request=ChatCompletion,
        open_body=True,
        answer=Answer(type=ChatResponse),
        errors=(502,),
    ),
    Operation(
        method="post",
        path="/v1/embeddings",
        id="embeddings",
        tag=TAG,
        summary="Vectors of texts in OpenAI's form",
        request=Embeddings,
        open_body=True,
        answer=Answer(type=EncodedVectors),
        errors=(502,),
    ),
    Operation(
        method="get",
        path="/v1/models",
        id="listModels",
        tag=TAG,
        summary="List models in OpenAI's form",
        answer=Answer(type=ModelList),
        errors=(502,),
    ),
    Operation(
        method="get",
        path="/v1/models/{model_id}",
        id="getModel",
        tag=TAG,
        summary="Show a model in OpenAI's form",
        answer=Answer(type=ModelEntry),
        errors=(502,),
    ),
)
