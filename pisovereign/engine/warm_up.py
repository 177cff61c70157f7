"""A first computation, before anybody waits for one.

It reads weights that the system left on the disk, allocates what is allocated late, and finds out
before the socket is there whether the model computes at all.
"""

from __future__ import annotations

from pisovereign.engine.embedder import Embedder
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama import Context, DecodeFailed, Entry


def warm_up(context: Context, embedder: Embedder | None) -> None:
    """Compute one token with every sequence, and embed one word; nothing of it stays.

    Raises:
        ModelError: the model cannot compute.
    """
    sequences = range(context.sequences)
    try:
        context.decode([Entry(seq, 0, (0,), sample=True) for seq in sequences])
    except DecodeFailed as error:
        raise ModelError(f"the model cannot compute: {error}") from None
    finally:
        for seq in sequences:
            context.truncate(seq, 0)
    if embedder is not None:
        embedder.warm_up()
