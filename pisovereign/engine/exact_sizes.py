"""In which batches the logits of guesses are those of one token at a time."""

from __future__ import annotations

import numpy as np

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.llama import Context, Entry
from pisovereign.engine.prompt_lookup import MOST, SIZES

_PROBE = 40  # tokens of a prompt


def exact_sizes(context: Context, settings: ComputeSettings) -> list[int]:
    """Return the numbers of guesses whose logits are those of one token at a time, bit for bit.

    Flash attention computes each token by itself. Without it, one token's attention goes another
    way than that of several once the context is long: for SmolLM2 a logit differed by 0.4 at 130
    tokens, which made one of 100 greedy tokens another, and by nothing yet at 40. What is left are
    the weights' kernels, of which some round in tiles of four: these are tried with a short prompt.
    Leaves nothing in the context.
    """
    if not settings.flash_attention or context.batch_size < _PROBE:
        return []
    prompt = [1 + 7 * at % (context.vocabulary - 1) for at in range(_PROBE)]
    tokens = prompt[: MOST + 1]
    try:
        context.decode([Entry(0, 0, prompt, 0)])
        alone = [
            context.decode([Entry(0, _PROBE + at, [token], 1)])[0].copy()
            for at, token in enumerate(tokens)
        ]
        exact = []
        for size in SIZES:
            context.truncate(0, _PROBE)
            rows = context.decode([Entry(0, _PROBE, tokens[: size + 1], size + 1)])
            if all(np.array_equal(row, one) for row, one in zip(rows, alone, strict=False)):
                exact.append(size)
    finally:
        context.truncate(0, 0)
    return exact
