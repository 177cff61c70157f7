"""`embedding.toml`: what somebody says about an embedding model of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.engine.errors import ModelError

FILE = "embedding.toml"
MAX_TOKENS = 256

Pooling = Literal["mean", "first", "none"]


class EmbeddingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a graph is used; what is not said is seen from the graph.

    Attributes:
        output: The name of the output with the vectors; empty: the first one.
        pooling: What becomes of an output with a vector for each token: their mean, or the first
            one; `none`: the output has one for each text.
        prefix: What every text begins with, as in "query: ".
        max_tokens: Where texts are cut.
    """

    output: str = ""
    pooling: Pooling | None = None
    prefix: Annotated[str, Meta(max_length=1000)] = ""
    max_tokens: Annotated[int, Meta(ge=8, le=8192)] = MAX_TOKENS


def read_settings(folder: Path) -> EmbeddingSettings:
    """Read the file of a folder, which need not be there.

    Raises:
        ModelError: it is not valid; the text names the key.
    """
    path = folder / FILE
    try:
        return msgspec.toml.decode(path.read_bytes(), type=EmbeddingSettings)
    except FileNotFoundError:
        return EmbeddingSettings()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: {error}") from None
