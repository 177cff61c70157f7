/* NEON, which every aarch64 has, and its dot product (Raspberry Pi 5, not 4). Rows are read
 * in the order of memory, as on x86-64. */
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

/* Four sums a row, so that none waits for the one before. */
DOTPROD static void dots_neon_dotprod(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += width) {
        int32x4_t a = vdupq_n_s32(0), b = a, c = a, d = a;
        for (ptrdiff_t i = 0; i < width; i += 64) {
            a = vdotq_s32(a, vld1q_s8(rows + i), vld1q_s8(query + i));
            b = vdotq_s32(b, vld1q_s8(rows + i + 16), vld1q_s8(query + i + 16));
            c = vdotq_s32(c, vld1q_s8(rows + i + 32), vld1q_s8(query + i + 32));
            d = vdotq_s32(d, vld1q_s8(rows + i + 48), vld1q_s8(query + i + 48));
        }
        dots[row] = vaddvq_s32(vaddq_s32(vaddq_s32(a, b), vaddq_s32(c, d)));
    }
}

static inline int32x4_t step_neon(int32x4_t sum, const int8_t *row, const int8_t *query) {
    const int8x16_t values = vld1q_s8(row), q = vld1q_s8(query);
    /* Two products of at most 127 * 127 fit 16 bits. */
    const int16x8_t pairs = vmlal_high_s8(vmull_s8(vget_low_s8(values), vget_low_s8(q)), values, q);
    return vpadalq_s16(sum, pairs);
}

static void dots_neon(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += width) {
        int32x4_t a = vdupq_n_s32(0), b = a;
        for (ptrdiff_t i = 0; i < width; i += 32) {
            a = step_neon(a, rows + i, query + i);
            b = step_neon(b, rows + i + 16, query + i + 16);
        }
        dots[row] = vaddvq_s32(vaddq_s32(a, b));
    }
}

#endif
