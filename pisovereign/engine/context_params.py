"""The parameters of a context: what computes and what only asks for sizes take the same ones."""

from __future__ import annotations

from typing import Any

import llama_cpp

from pisovereign.engine.compute_settings import ComputeSettings, KvType

MOST_GUESSES = 8
"""Most tokens of a batch, beyond one for each sequence, after which logits may be wanted."""

_KV_TYPES: dict[KvType, int] = {
    "f16": llama_cpp.GGML_TYPE_F16,
    "q8_0": llama_cpp.GGML_TYPE_Q8_0,
}


def context_params(length: int, sequences: int, settings: ComputeSettings) -> Any:
    """Return the parameters of a context.

    Args:
        length: tokens that each sequence can hold.
        sequences: how many sequences there are.
        settings: how it computes.
    """
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = length * sequences
    params.n_batch = settings.batch
    params.n_ubatch = settings.micro_batch
    params.n_seq_max = sequences
    # Once for each sequence, and after guesses; room for every token would be 50 MB and more.
    params.n_outputs_max = min(sequences + MOST_GUESSES, max(settings.batch, sequences))
    params.kv_unified = settings.kv_unified
    # Layers with a sliding window keep what they can see, and no more.
    params.swa_full = False
    params.type_k = params.type_v = _KV_TYPES[settings.kv_type]
    params.n_threads = settings.threads
    params.n_threads_batch = settings.batch_threads
    params.flash_attn_type = (
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        if settings.flash_attention
        else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    params.no_perf = True
    return params
