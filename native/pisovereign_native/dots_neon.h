/* NEON, which every aarch64 has, and its dot product (Raspberry Pi 5, not 4). */
#ifndef PISOVEREIGN_DOTS_NEON_H
#define PISOVEREIGN_DOTS_NEON_H

#include <arm_neon.h>
#include <sys/auxv.h>

#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1UL << 20)
#endif
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

static int has_neon_dotprod(void) {
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}

static inline int8x16_t low_nibbles(uint8x16_t bytes) {
    return vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15)));
}

static inline int8x16_t high_nibbles(uint8x16_t bytes) {
    return vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4));
}

DOTPROD static void dots_neon_dotprod(
    const uint8_t *rows, ptrdiff_t count, ptrdiff_t size, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += size) {
        /* Several sums, so that none waits for the one before. */
        int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        for (ptrdiff_t i = 0; i < size; i += GROUP) {
            for (int j = 0; j < 4; j++) {
                const uint8x16_t bytes = vld1q_u8(rows + i + 16 * j);
                const int8_t *q = query + 2 * i + 16 * j;
                sums[j] = vdotq_s32(sums[j], low_nibbles(bytes), vld1q_s8(q));
                sums[j] = vdotq_s32(sums[j], high_nibbles(bytes), vld1q_s8(q + GROUP));
            }
        }
        dots[row] = vaddvq_s32(vaddq_s32(vaddq_s32(sums[0], sums[1]), vaddq_s32(sums[2], sums[3])));
    }
}

/* Add 16 products to 8 sums: each becomes greater by at most 2 * 15 * 127. */
static inline int16x8_t multiply_neon(int16x8_t pairs, int8x16_t nibbles, const int8_t *query) {
    const int8x16_t q = vld1q_s8(query);
    pairs = vmlal_s8(pairs, vget_low_s8(nibbles), vget_low_s8(q));
    return vmlal_high_s8(pairs, nibbles, q);
}

static void dots_neon(
    const uint8_t *rows, ptrdiff_t count, ptrdiff_t size, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += size) {
        int32x4_t sum = vdupq_n_s32(0);
        for (ptrdiff_t i = 0; i < size; i += GROUP) {
            int16x8_t low = vdupq_n_s16(0), high = low; /* of 8 products each: they fit 16 bits */
            for (int j = 0; j < GROUP; j += 16) {
                const uint8x16_t bytes = vld1q_u8(rows + i + j);
                const int8_t *q = query + 2 * i + j;
                low = multiply_neon(low, low_nibbles(bytes), q);
                high = multiply_neon(high, high_nibbles(bytes), q + GROUP);
            }
            sum = vpadalq_s16(vpadalq_s16(sum, low), high);
        }
        dots[row] = vaddvq_s32(sum);
    }
}

#endif
