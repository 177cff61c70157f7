/* Several floats at a time: what the passes over many logits are made of, and which of them run here.
 *
 * gcc's vector types, 4 wide for NEON. On x86-64 they are 8 wide, and the passes are compiled twice,
 * for AVX2 and without it (49,152 maxima in 3.1 microseconds; 4 wide takes 5.5, without AVX2 9.1).
 * Every lane is rounded for itself and lanes are added in a fixed order, so that each processor of an
 * architecture gives the same numbers.
 */
#ifndef PISOVEREIGN_LANES_H
#define PISOVEREIGN_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "keys.h"

#define BLOCK 64 /* logits */
#ifdef __x86_64__
#define LANES 8
#define BASELINE "sse2"
#define FROM(by) {(by), (by) + 1, (by) + 2, (by) + 3, (by) + 4, (by) + 5, (by) + 6, (by) + 7}
#else
#define LANES 4
#ifdef __aarch64__
#define BASELINE "neon"
#else
#define BASELINE "portable"
#endif
#define FROM(by) {(by), (by) + 1, (by) + 2, (by) + 3}
#endif

typedef float floats __attribute__((vector_size(LANES * 4)));
typedef int32_t ints __attribute__((vector_size(LANES * 4)));
typedef double doubles __attribute__((vector_size(LANES * 8)));

#define INLINE static inline __attribute__((always_inline))

/* A macro, as the calling convention for wide vectors differs with and without AVX2. */
#define LOAD(to, from) memcpy(&(to), (from), sizeof(to))
#define SELECT(mask, yes, no) ((floats)(((mask) & (ints)(yes)) | (~(mask) & (ints)(no))))

/* In place: exp((value - max) * scale), where max is not less than any value. It is 1 for max
 * itself, also when that is infinite, and 0 for NaN and for what is below e^-87. The error is
 * below 2e-7 of the result (Cephes' polynomial). */
#define WEIGHTS(x, max, scale)                                                                   \
    do {                                                                                         \
        const floats zero_ = {0}, one_ = zero_ + 1.0f;                                           \
        const ints top_ = (x) == (zero_ + (max));                                                \
        floats d_ = ((x) - (max)) * (scale);                                                     \
        const ints counts_ = d_ > -87.0f;                                                        \
        d_ = SELECT(counts_, d_, zero_);                                                         \
        const floats shifted_ = d_ * 1.44269504f + 12582912.0f; /* 1.5 * 2^23 rounds */          \
        const floats n_ = shifted_ - 12582912.0f;                                                \
        const floats r_ = (d_ - n_ * 0.693359375f) - n_ * -2.12194440e-4f;                       \
        floats p_ = r_ * 1.9875691500e-4f + 1.3981999507e-3f;                                    \
        p_ = p_ * r_ + 8.3334519073e-3f;                                                         \
        p_ = p_ * r_ + 4.1665795894e-2f;                                                         \
        p_ = p_ * r_ + 1.6666665459e-1f;                                                         \
        p_ = p_ * r_ + 5.0000001201e-1f;                                                         \
        p_ = p_ * (r_ * r_) + r_ + 1.0f;                                                         \
        const ints power_ = ((ints)shifted_ - 0x4B400000 + 127) << 23;                           \
        p_ = SELECT(counts_, p_ * (floats)power_, zero_);                                        \
        (x) = SELECT(top_, one_, p_);                                                            \
    } while (0)

INLINE double add_lanes(const double *lanes) {
    double sum = 0.0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

/* The greater of each lane and the one `by` lanes on, round the end. */
#define HALVE(x, other, by)                                                                      \
    do {                                                                                         \
        const ints from_ = FROM(by);                                                             \
        (other) = __builtin_shuffle((x), from_); /* modulo the number of lanes */                \
        (x) = SELECT((other) > (x), (other), (x));                                               \
    } while (0)

/* The passes, which passes.h describes. */
typedef struct {
    const char *name;
    int (*runs_here)(void);
    float (*block_maxima)(const float *const *blocks, ptrdiff_t count, float *maxima);
    double (*block_sums)(
        const float *const *blocks, ptrdiff_t count, float max, float scale, double *sums
    );
    void (*weigh)(float *values, ptrdiff_t count, float max, float scale);
    double (*mass_of)(const uint64_t *keys, ptrdiff_t count, float max);
} lanes_kernel;

static int baseline_runs_here(void) {
    return 1;
}

#define TARGET
#define PASS(name) name##_baseline
#include "passes.h"

#ifdef __x86_64__
static int avx2_runs_here(void) {
    return __builtin_cpu_supports("avx2");
}

#define TARGET __attribute__((target("avx2")))
#define PASS(name) name##_avx2
#include "passes.h"
#endif

/* Fastest first. */
static const lanes_kernel LANES_KERNELS[] = {
#ifdef __x86_64__
    {"avx2", avx2_runs_here, block_maxima_avx2, block_sums_avx2, weigh_avx2, mass_of_avx2},
#endif
    {BASELINE, baseline_runs_here, block_maxima_baseline, block_sums_baseline, weigh_baseline,
        mass_of_baseline},
};

#define LANES_COUNT ((int)(sizeof LANES_KERNELS / sizeof *LANES_KERNELS))

#endif
