"""The engine's routes for embeddings: OpenAI's, and one that asks several models at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import falcon.asgi
import msgspec

from pisovereign.engine.bodies import read_body, reply
from pisovereign.engine.embedder import Embedder
from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine_client.types import (
    Embedding,
    EmbeddingRequest,
    EmbeddingResponse,
    JointEmbeddingRequest,
    JointEmbeddingResponse,
    Usage,
)


class Embeddings:
    """`/v1/embeddings`."""

    def __init__(self, embedders: Sequence[Embedder]) -> None:
        self._embedders = {embedder.model_id: embedder for embedder in embedders}
        self._first = embedders[0] if embedders else None
        self._decoder = msgspec.json.Decoder(EmbeddingRequest)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with vectors of unit length, in the order of the texts.

        They are of the model that the request names, else of the first one.
        """
        request = await read_body(req, self._decoder)
        embedder = self._embedders.get(request.model) if request.model else self._first
        if embedder is None:
            loaded = ", ".join(self._embedders) or "none"
            raise InvalidRequest(f"This embedding model is not loaded; loaded: {loaded}.")
        texts = [request.input] if isinstance(request.input, str) else request.input
        vectors, tokens = await embedder.embed(texts)
        data = [Embedding(vector.tolist(), index) for index, vector in enumerate(vectors)]
        usage = Usage(prompt_tokens=tokens, total_tokens=tokens)
        reply(resp, EmbeddingResponse(data, embedder.model_id, usage))


class JointEmbeddings:
    """`/v1/embeddings/joint`: the same texts by several models, which compute side by side."""

    def __init__(self, embedders: Sequence[Embedder]) -> None:
        self._embedders = {embedder.model_id: embedder for embedder in embedders}
        self._decoder = msgspec.json.Decoder(JointEmbeddingRequest)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the vectors of each model that is loaded, as bytes of float32."""
        request = await read_body(req, self._decoder)
        embedders = [self._embedders[name] for name in request.models if name in self._embedders]
        made = await asyncio.gather(*(embedder.embed(request.input) for embedder in embedders))
        vectors = {
            embedder.model_id: [row.astype("<f4").tobytes() for row in rows]
            for embedder, (rows, _) in zip(embedders, made, strict=True)
        }
        reply(resp, JointEmbeddingResponse(vectors))
