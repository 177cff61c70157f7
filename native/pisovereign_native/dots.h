/* Products of an int8 vector with many rows of nibbles: the kernels, and which of them run here.
 *
 * A row is 0 to 15 in every place, two places a byte: of each 64 bytes the lower halves belong to
 * the first 64 values of the query, the upper ones to the next 64. Rows are read strictly in the
 * order of memory: that alone fetches a million of them at the speed of a plain read (four rows side
 * by side reach 60 % of it). Each kernel is compiled for its own instruction set by an attribute;
 * the build as a whole stays at the architecture's baseline.
 */
#ifndef PISOVEREIGN_DOTS_H
#define PISOVEREIGN_DOTS_H

#include <stddef.h>
#include <stdint.h>

#define GROUP 64 /* bytes: the widest vector, and how rows and queries are aligned */

/* Write the product of the query with each of `count` rows. A row has `size` bytes, a multiple of
 * GROUP, and the query twice as many values, of -127 to 127. */
typedef void dots_run(
    const uint8_t *rows, ptrdiff_t count, ptrdiff_t size, const int8_t *query, int32_t *dots
);

typedef struct {
    const char *name;
    dots_run *run;
    int (*runs_here)(void);
} dots_kernel;

static void dots_portable(
    const uint8_t *rows, ptrdiff_t count, ptrdiff_t size, const int8_t *query, int32_t *dots
) {
    for (ptrdiff_t row = 0; row < count; row++, rows += size) {
        int32_t sum = 0;
        for (ptrdiff_t i = 0; i < size; i += GROUP) {
            const int8_t *q = query + 2 * i;
            for (int j = 0; j < GROUP; j++)
                sum += (rows[i + j] & 15) * q[j] + (rows[i + j] >> 4) * q[GROUP + j];
        }
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
