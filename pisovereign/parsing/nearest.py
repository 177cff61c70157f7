"""The nearest labeled example of a question in free words, by the embedding model."""

from __future__ import annotations

import asyncio
import logging
import time
import tomllib
from array import array
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from pisovereign.engine_client.encoder import DIMENSIONS, Encoder
from pisovereign.engine_client.errors import EngineMisbehaved, EngineUnavailable
from pisovereign.parsing.questions import Question
from pisovereign_native.vectors import VectorIndex

NOTHING = "none"
# The encoder that comes with PiSovereign knows English; of German it knows what words look like. So
# German has to be nearly the example: at 0.5 more than half of what is found is something else.
LEAST = {"en": 0.5, "de": 0.8}
_MARGIN = 0.05
_QUESTION_LIMIT_S = 1.0
_PAUSE_S = 60.0
_BATCH = 32
_EXAMPLES = Path(__file__).with_name("examples.toml")
_log = logging.getLogger(__name__)


class Example(NamedTuple):
    """What somebody might say, and what it asks for."""

    language: Literal["en", "de"]
    name: str
    text: str


def load_examples() -> list[Example]:
    """All labeled examples."""
    tables = tomllib.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return [
        Example("en" if language == "en" else "de", name, text)
        for language, names in tables.items()
        for name, texts in names.items()
        for text in texts
    ]


class NearestExample:
    """Finds examples; their vectors are computed once, in the background, when first needed."""

    def __init__(self, encoder: Encoder, examples: list[Example]) -> None:
        self._encoder = encoder
        self._examples = examples
        self._index: VectorIndex | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def find(self, user: UUID, question: Question) -> str | None:
        """The name of what is asked for; None when nothing is near, or the engine is away."""
        index = self._index
        if index is None:
            self._prepare()
            return None
        try:
            vector = await self._encoder.question(user, question.text, _QUESTION_LIMIT_S)
        except (EngineUnavailable, EngineMisbehaved):
            return None
        return self._choose(question.language, index.all_cosines(vector))

    async def close(self) -> None:
        """Stop preparing."""
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)

    def _choose(self, language: str, cosines: array[float]) -> str | None:
        best: dict[str, float] = {}
        for example, cosine in zip(self._examples, cosines, strict=True):
            if example.language == language:
                best[example.name] = max(best.get(example.name, -1.0), cosine)
        (name, first), (_, second) = sorted(best.items(), key=lambda item: -item[1])[:2]
        return name if name != NOTHING and first >= max(LEAST[language], second + _MARGIN) else None

    def _prepare(self) -> None:
        busy = self._preparing is not None and not self._preparing.done()
        if not busy and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + _PAUSE_S
            self._preparing = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        """Compute the vectors; if the engine is away, a later question tries again."""
        index = VectorIndex(DIMENSIONS)
        texts = [example.text for example in self._examples]
        try:
            for start in range(0, len(texts), _BATCH):
                vectors = await self._encoder.encode(texts[start : start + _BATCH])
                for row, vector in enumerate(vectors, start):
                    index.put(row, vector)
        except (EngineUnavailable, EngineMisbehaved):
            _log.info("questions in free words wait for the engine")
            return
        self._index = index
