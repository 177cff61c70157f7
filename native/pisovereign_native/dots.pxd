"""Kernels and memory of the vector index; each header describes its functions."""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int8_t, int32_t

cdef extern from "dots.h" nogil:
    ctypedef void dots_run(
        const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
    )
    ctypedef struct dots_kernel:
        const char *name
        dots_run *run
        int (*runs_here)()
    const dots_kernel *DOTS_KERNELS
    int DOTS_COUNT

cdef extern from "chunk.h" nogil:
    int CHUNK_BYTES
    void *new_chunk(bint huge)
    int8_t *align_row(int8_t *room)
