/* Several floats at a time: the passes that touch every logit.
 *
 * gcc's vector types, 4 wide for NEON. On x86-64 they are 8 wide and the loader picks the clone for
 * AVX2 (49,152 maxima in 3.1 microseconds; 4 wide takes 5.5, and without AVX2 9.1). Every lane is
 * rounded for itself and lanes are added in a fixed order, without contraction (-std=c11), so that
 * each processor of an architecture gives the same numbers.
 */
#ifndef PISOVEREIGN_LANES_H
#define PISOVEREIGN_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 64 /* logits */
#ifdef __x86_64__
#define LANES 8
#define FROM(by) {(by), (by) + 1, (by) + 2, (by) + 3, (by) + 4, (by) + 5, (by) + 6, (by) + 7}
#else
#define LANES 4
#define FROM(by) {(by), (by) + 1, (by) + 2, (by) + 3}
#endif

typedef float floats __attribute__((vector_size(LANES * 4)));
typedef int32_t ints __attribute__((vector_size(LANES * 4)));
typedef double doubles __attribute__((vector_size(LANES * 8)));

/* The resolver of a clone runs before a sanitizer is ready. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

/* A macro, as the calling convention for wide vectors differs between clones. */
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

/* Write the greatest value of each block, -infinity for one without numbers; return the greatest
 * of all. NaN loses every comparison. */
CLONES static float block_maxima(const float *const *blocks, ptrdiff_t count, float *maxima) {
    float best = -INFINITY;
    for (ptrdiff_t b = 0; b < count; b++) {
        floats most = (floats){0} - INFINITY, next;
        for (int i = 0; i < BLOCK; i += LANES) {
            LOAD(next, blocks[b] + i);
            most = SELECT(next > most, next, most);
        }
#if LANES == 8
        HALVE(most, next, 4);
#endif
        HALVE(most, next, 2);
        HALVE(most, next, 1);
        maxima[b] = most[0];
        best = most[0] > best ? most[0] : best;
    }
    return best;
}

/* Write the sum of each block's weights; return the sum of all. */
CLONES static double block_sums(
    const float *const *blocks, ptrdiff_t count, float max, float scale, double *sums
) {
    double total = 0.0;
    for (ptrdiff_t b = 0; b < count; b++) {
        /* Up to 16 weights of at most 1 in a lane: single precision is enough. */
        floats sum = {0}, next;
        for (int i = 0; i < BLOCK; i += LANES) {
            LOAD(next, blocks[b] + i);
            WEIGHTS(next, max, scale);
            sum += next;
        }
        const doubles wide = __builtin_convertvector(sum, doubles);
        double lanes[LANES];
        memcpy(lanes, &wide, sizeof lanes);
        sums[b] = add_lanes(lanes);
        total += sums[b];
    }
    return total;
}

/* Replace values by their weights; `count` is rounded up to whole vectors, so there must be room.
 */
CLONES static void weigh(float *values, ptrdiff_t count, float max, float scale) {
    floats next;
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        LOAD(next, values + i);
        WEIGHTS(next, max, scale);
        memcpy(values + i, &next, sizeof next);
    }
}

#endif
