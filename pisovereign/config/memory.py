"""Settings of `memory`: memories."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import MIB, setting


class EmbeddingChoice(NamedTuple):
    """An embedding model, and how many numbers its vectors have; 0: the model is a known one."""

    model: str
    dimensions: int


class MemoryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How memories are kept, and how chat uses them."""

    embedding_models: Annotated[
        tuple[str, ...],
        setting(
            "The embedding models that search and understanding use; the first one is the default"
            " of `/v1/embeddings`. One of your own with its dimensions: `name=768`.",
            rules.embedding_models,
            min_length=1,
            max_length=3,
        ),
    ] = ("all-minilm-l6-v2", "use-multilingual")
    embedding_aliases: Annotated[
        tuple[str, ...],
        setting(
            "Names that OpenAI's API takes for the first of them; `*` stands for any rest of a "
            "name.",
            rules.model_names,
            max_length=100,
        ),
    ] = ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")
    chat_limit: Annotated[
        int,
        setting(
            "Maximum number of memories that are added to a chat message; 0: none.", ge=0, le=20
        ),
    ] = 5
    chat_threshold: Annotated[
        float,
        setting(
            "Minimum cosine similarity of a memory and a message that it is added to.",
            ge=0,
            le=1,
        ),
    ] = 0.4
    learn: Annotated[
        bool,
        setting("Learn from what users say in chat, unless a request says otherwise with `learn`."),
    ] = True
    learn_with_model: Annotated[
        bool,
        setting("Let the model choose further sentences to learn, which takes computing time."),
    ] = False

    merge_threshold: Annotated[
        float,
        setting("Minimum cosine similarity of two memories that may be merged.", ge=0.5, le=1.0),
    ] = 0.85
    half_life_days: Annotated[
        float,
        setting("Days without use in which a memory loses half of its importance.", ge=1, le=3650),
    ] = 90.0
    delete_below: Annotated[
        float,
        setting("Importance below which a memory is deleted; 0: never.", ge=0.0, le=1.0),
    ] = 0.0
    access_flush_s: Annotated[
        float,
        setting("Seconds between two writes of the usage counts of memories.", ge=1, le=3600),
    ] = 60.0
    index_bytes: Annotated[
        int,
        setting(
            "Memory of each API worker for the indexes of memories, in bytes.",
            ge=0,
            le=64 * 1024**3,
        ),
    ] = 96 * MIB

    @property
    def embedding_choices(self) -> tuple[EmbeddingChoice, ...]:
        """Return `embedding_models`, read."""
        parts = (entry.partition("=") for entry in self.embedding_models)
        return tuple(EmbeddingChoice(model, int(number or 0)) for model, _, number in parts)

    @property
    def embedding_ids(self) -> tuple[str, ...]:
        """Return the ids of the embedding models."""
        return tuple(choice.model for choice in self.embedding_choices)
