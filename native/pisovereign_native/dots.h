/* Products of one int8 vector with many: the kernels, and which of them this processor can run.
 *
 * All values are within -127 to 127 and a row is padded with zeros to whole vectors, so every kernel
 * gives the same integers. Each is compiled for its own instruction set by an attribute; the build
 * as a whole stays at the architecture's baseline.
 */
#ifndef PISOVEREIGN_DOTS_H
#define PISOVEREIGN_DOTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROW_ALIGNMENT 64 /* bytes, and so values: the widest vector */

/* Write the product of the query with each of `count` rows, one after the other in memory. `width`
 * is a multiple of ROW_ALIGNMENT. */
typedef void dots_run(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
);

typedef struct {
    const char *name;
    dots_run *run;
    int (*runs_here)(void);
} dots_kernel;

static void dots_portable(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += width) {
        int32_t sum = 0;
        for (ptrdiff_t i = 0; i < width; i++) sum += rows[i] * query[i];
        dots[row] = sum;
    }
}

static int runs_everywhere(void) {
    return 1;
}

#if defined(__x86_64__)
#include "dots_x86.h"
#elif defined(__aarch64__) && defined(__linux__)
#include "dots_neon.h"
#endif

/* Fastest first. */
static const dots_kernel DOTS_KERNELS[] = {
#if defined(__x86_64__)
    {"avx512-vnni", dots_avx512_vnni, has_avx512_vnni},
    {"avx2", dots_avx2, has_avx2},
#elif defined(__aarch64__) && defined(__linux__)
    {"neon-dotprod", dots_neon_dotprod, has_neon_dotprod},
    {"neon", dots_neon, runs_everywhere},
#endif
    {"portable", dots_portable, runs_everywhere},
};

#define DOTS_COUNT ((int)(sizeof DOTS_KERNELS / sizeof *DOTS_KERNELS))

#endif
