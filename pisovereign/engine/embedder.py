"""Sentence embeddings by ONNX Runtime: text to tokens to a vector of unit length."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument, RuntimeException

from pisovereign.engine.embedding_model import EmbeddingModel, Precision
from pisovereign.engine.embedding_queue import EmbeddingQueue, EmbeddingRequest
from pisovereign.engine.errors import ModelError, QueueFull

# Larger ones are no faster for each token, and a search waits for one: microseconds for a token in
# micro-batches of up to 64, 256, 1,024, 2,048 tokens: 105, 100, 112, 125 (x86-64, int8).
_MICRO_BATCH_TOKENS = 256
_TOKENIZED_AT_ONCE = 32
# Characters that are tokenized sooner than another thread wakes up.
_SHORT_TEXT = 500
# How often, and how many times, it is looked whether an answer is still computed before a
# micro-batch of a large request is: both want every core, and somebody waits for the answer.
_LOOK_S, _LOOKS = 0.01, 30
# Texts that may wait, or one request with more.
_MOST_WAITING = 16_384
_RETRY_S = 5

Vector = NDArray[np.float32]
_NO_VECTOR = np.empty(0, np.float32)


class _Job(EmbeddingRequest):
    """A request with its tokens, and the vectors that come back."""

    def __init__(self, tokens: list[list[int]]) -> None:
        super().__init__([len(text) for text in tokens])
        self.tokens = tokens
        self.vectors: asyncio.Future[list[Vector]] = asyncio.get_running_loop().create_future()
        self._rows: list[Vector] = [_NO_VECTOR] * len(tokens)
        self._missing = len(tokens)

    def take(self, index: int, row: Vector) -> None:
        self._rows[index] = row
        self._missing -= 1
        if not self._missing and not self.vectors.done():
            self.vectors.set_result(self._rows)

    def fail(self, error: BaseException) -> None:
        if not self.vectors.done():
            self.vectors.set_exception(error)


class Embedder:
    """One embedding model with threads of its own; used by one event loop at a time.

    Args:
        folder: what `EmbeddingModel` takes; its name is the model's id.
        precision: which of the two graphs to load.
        dimensions: how many numbers its vectors are to have; 0: as many as they have.

    Raises:
        ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path, precision: Precision, dimensions: int = 0) -> None:
        self._model = EmbeddingModel(folder, precision)
        self.model_id = self._model.id
        self.max_tokens = self._model.max_tokens
        self._dimensions = dimensions
        self._tokenizing = ThreadPoolExecutor(1, "tokenizer")
        self._computing = ThreadPoolExecutor(1, "embedder")
        self._queue: EmbeddingQueue[_Job] = EmbeddingQueue(_MICRO_BATCH_TOKENS)
        # Texts that are being tokenized: they wait as much as those in the queue behind.
        self._arriving = 0
        self._running: asyncio.Task[None] | None = None
        self._others_compute: Callable[[], bool] = lambda: False

    def give_way_while(self, others_compute: Callable[[], bool]) -> None:
        """Hold large requests back while this returns that answers are computed."""
        self._others_compute = others_compute

    async def embed(self, texts: Sequence[str]) -> tuple[list[Vector], int]:
        """Return vectors of the texts, in their order, and the number of tokens read.

        Texts are cut after `max_tokens`. A caller that is cancelled takes its texts along.

        Raises:
            QueueFull: too many texts wait.
        """
        if not texts:
            return [], 0
        waiting = self._arriving + len(self._queue)
        if waiting and waiting + len(texts) > _MOST_WAITING:
            raise QueueFull(_RETRY_S)
        self._arriving += len(texts)
        try:
            tokens = await self._tokenize(texts)
        finally:
            self._arriving -= len(texts)
        job = _Job(tokens)
        self._queue.add(job)
        self._start()
        try:
            return await job.vectors, sum(job.lengths)
        finally:
            self._queue.drop(job)

    async def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenize in a separate thread: behind a micro-batch it would wait for that one too."""
        if len(texts) == 1 and len(texts[0]) <= _SHORT_TEXT:
            return self._encode(texts)
        loop = asyncio.get_running_loop()
        tokens: list[list[int]] = []
        for at in range(0, len(texts), _TOKENIZED_AT_ONCE):
            part = texts[at : at + _TOKENIZED_AT_ONCE]
            tokens += await loop.run_in_executor(self._tokenizing, self._encode, part)
        return tokens

    def _start(self) -> None:
        """Compute what waits, unless that is going on already."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._work_off())

    async def _work_off(self) -> None:
        loop = asyncio.get_running_loop()
        while await self._may_go_on() and (items := self._queue.next()):
            jobs = [item.request for item in items]
            batch = [job.tokens[item.number] for job, item in zip(jobs, items, strict=True)]
            computed = loop.run_in_executor(self._computing, self._run, batch)
            await asyncio.wait([computed])
            if (error := computed.exception()) is not None:
                for job in jobs:
                    job.fail(error)
                continue
            for job, item, row in zip(jobs, items, computed.result(), strict=True):
                job.take(item.number, row)

    async def _may_go_on(self) -> bool:
        """Return once it is somebody's turn; where only large requests wait, answers come first."""
        for _ in range(_LOOKS):
            if self._queue.is_searched or not len(self._queue) or not self._others_compute():
                break
            await asyncio.sleep(_LOOK_S)
        return True

    def warm_up(self) -> None:
        """Embed one word, before there is an event loop.

        In the thread that computes later, too: both libraries set a thread's AMX tiles to shapes of
        their own, and llama.cpp, which does so once in each thread, computed nonsense behind this.

        Raises:
            ModelError: the model cannot compute, or its vectors have other dimensions.
        """
        try:
            made = self._computing.submit(self._run, self._encode(["warm"])).result()
        except (InvalidArgument, RuntimeException) as error:
            raise ModelError(
                f"the embedding model {self.model_id} cannot compute: {error}"
            ) from None
        if self._dimensions not in (0, made.shape[1]):
            raise ModelError(
                f"the embedding model {self.model_id} gives vectors of {made.shape[1]} numbers, and"
                f" memory.embedding_models says {self._dimensions}"
            )

    def close(self) -> None:
        """End the threads after their present batch."""
        self._tokenizing.shutdown(cancel_futures=True)
        self._computing.shutdown(cancel_futures=True)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._model.tokens(text) for text in texts]

    def _run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, dimensions)."""
        return self._model.vectors(tokens)
