"""What the C headers of the sampler offer; each function is described there."""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport uint32_t, uint64_t

cdef extern from "lanes.h" nogil:
    int BLOCK
    int LANES
    ctypedef struct lanes_kernel:
        const char *name
        int (*runs_here)()
        float (*block_maxima)(
            const float **blocks, ptrdiff_t count, float *maxima
        ) noexcept nogil
        double (*block_sums)(
            const float **blocks, ptrdiff_t count, float max, float scale, double *sums
        ) noexcept nogil
        void (*weigh)(float *values, ptrdiff_t count, float max, float scale) noexcept nogil
        double (*mass_of)(const uint64_t *keys, ptrdiff_t count, float max) noexcept nogil
    const lanes_kernel *LANES_KERNELS
    int LANES_COUNT

cdef extern from "keys.h" nogil:
    uint64_t pack(float value, uint32_t id)
    float key_value(uint64_t key)
    uint32_t key_id(uint64_t key)
    uint64_t key_at(uint64_t *keys, ptrdiff_t count, ptrdiff_t rank)

cdef extern from "select.h" nogil:
    float FLT_MAX
    ptrdiff_t gather(
        const float **blocks, ptrdiff_t count, const float *maxima, float bound, uint64_t *keys
    )
    uint64_t key_at_mass(
        const lanes_kernel *lanes, uint64_t *keys, ptrdiff_t count, float max, double wanted
    )
    ptrdiff_t place_of(const float *weights, ptrdiff_t count, double target)

cdef extern from "philox.h" nogil:
    uint64_t philox(uint64_t seed, uint64_t number, uint64_t lane)
