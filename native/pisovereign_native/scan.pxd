"""What the vector index is built from; each header describes its functions."""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int8_t, int32_t, uint8_t, uint32_t

from .indexes cimport shortlist

cdef extern from "dots.h" nogil:
    ctypedef void dots_run(
        const uint8_t *rows, ptrdiff_t count, ptrdiff_t size, const int8_t *query, int32_t *dots
    )
    ctypedef struct dots_kernel:
        const char *name
        dots_run *run
        int (*runs_here)()
    const dots_kernel *DOTS_KERNELS
    int DOTS_COUNT

cdef extern from "rows.h" nogil:
    int CHUNK_BYTES
    ctypedef struct question:
        const int8_t *values
        float norm
        float scale
        int32_t bias
    bint all_finite(const float *vector, ptrdiff_t width)
    void ask(question *asked, int8_t *room, const float *vector, ptrdiff_t width, ptrdiff_t stride)
    void pack_row(
        const float *vector, ptrdiff_t width, ptrdiff_t stride, uint8_t *high, uint8_t *low,
        float *scale, float *slack
    )
    void *new_chunk(bint huge)
    void free_chunk(void *memory)

cdef extern from "scan.h" nogil:
    ctypedef struct rows_view:
        const uint8_t *high
        const uint8_t *low
        const float *scales
        const float *slacks
    ctypedef struct scanner:
        dots_run *run
        ptrdiff_t size
        const question *asked
        shortlist *list
        ptrdiff_t count
    void cosines_of(
        dots_run *run, ptrdiff_t size, const question *asked, rows_view rows, ptrdiff_t count,
        float *cosines
    )
    void rough_cosines_of(
        dots_run *run, ptrdiff_t size, const question *asked, rows_view rows, ptrdiff_t count,
        float *cosines
    )
    void scan_block(
        scanner *scan, rows_view rows, ptrdiff_t count, uint32_t first, const uint8_t *allowed
    )
    void scan_waiting(scanner *scan)
