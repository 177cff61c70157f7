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

DOTPROD static void dots_neon_dotprod(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    ptrdiff_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * width) {
        int32x4_t a = vdupq_n_s32(0), b = a, c = a, d = a;
        for (ptrdiff_t i = 0; i < width; i += 16) {
            const int8x16_t q = vld1q_s8(query + i);
            a = vdotq_s32(a, vld1q_s8(rows + i), q);
            b = vdotq_s32(b, vld1q_s8(rows + width + i), q);
            c = vdotq_s32(c, vld1q_s8(rows + 2 * width + i), q);
            d = vdotq_s32(d, vld1q_s8(rows + 3 * width + i), q);
        }
        vst1q_s32(dots + row, vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d)));
    }
    dots_portable(rows, count - row, width, query, dots + row);
}

static inline int32x4_t neon_step(int32x4_t sum, const int8_t *row, int8x16_t query) {
    const int8x16_t values = vld1q_s8(row);
    /* Two products of at most 127 * 127 fit 16 bits. */
    const int16x8_t pairs = vmlal_high_s8(
        vmull_s8(vget_low_s8(values), vget_low_s8(query)), values, query
    );
    return vpadalq_s16(sum, pairs);
}

static void dots_neon(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    ptrdiff_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * width) {
        int32x4_t a = vdupq_n_s32(0), b = a, c = a, d = a;
        for (ptrdiff_t i = 0; i < width; i += 16) {
            const int8x16_t q = vld1q_s8(query + i);
            a = neon_step(a, rows + i, q);
            b = neon_step(b, rows + width + i, q);
            c = neon_step(c, rows + 2 * width + i, q);
            d = neon_step(d, rows + 3 * width + i, q);
        }
        vst1q_s32(dots + row, vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d)));
    }
    dots_portable(rows, count - row, width, query, dots + row);
}

#endif
