/* Going over rows: exact cosines of all of them, or of those only that can be among the best. */
#ifndef PISOVEREIGN_SCAN_H
#define PISOVEREIGN_SCAN_H

#include "rows.h"
#include "shortlist.h"

#define BLOCK 64 /* rows at a time */
#define MANY 8 /* candidates in a block, from which on all its rows are looked at in one go */

/* Consecutive rows in memory. */
typedef struct {
    const uint8_t *high, *low;
    const float *scales; /* NaN marks an empty row: no comparison picks it */
    const float *slacks;
} rows_view;

/* A row that can be among the best, until its low nibbles have been looked at. */
typedef struct {
    const uint8_t *low;
    float scale;
    int32_t high; /* the product of the other plane */
    uint32_t row;
} candidate;

/* A search under way. */
typedef struct {
    dots_run *run;
    ptrdiff_t size; /* bytes of a row in each plane */
    const question *asked;
    shortlist *list;
    candidate waiting[MANY]; /* of the block before */
    ptrdiff_t count;
} scanner;

static inline float exact(const question *asked, int32_t high, int32_t low, float scale) {
    return (float)(16 * (high - asked->bias) + low - asked->bias) * scale;
}

/* Write the cosines of up to BLOCK rows. */
static void cosines_of(
    dots_run *run, ptrdiff_t size, const question *asked, rows_view rows, ptrdiff_t count,
    float *cosines
) {
    int32_t high[BLOCK], low[BLOCK];
    run(rows.high, count, size, asked->values, high);
    run(rows.low, count, size, asked->values, low);
    for (ptrdiff_t i = 0; i < count; i++)
        cosines[i] = exact(asked, high[i], low[i], rows.scales[i]) * asked->scale;
}

/* Write what the upper nibbles tell of the cosines of up to BLOCK rows: they are off by 0.006 or so,
 * as often up as down. The lower ones count as their mean, half a step below 8. */
static void rough_cosines_of(
    dots_run *run, ptrdiff_t size, const question *asked, rows_view rows, ptrdiff_t count,
    float *cosines
) {
    int32_t high[BLOCK];
    const float mean = (float)asked->bias / 16.0f;
    run(rows.high, count, size, asked->values, high);
    for (ptrdiff_t i = 0; i < count; i++) {
        const float product = (float)(16 * (high[i] - asked->bias)) - mean;
        cosines[i] = product * rows.scales[i] * asked->scale;
    }
}

/* Offer the block before to the list. */
static void scan_waiting(scanner *scan) {
    for (ptrdiff_t i = 0; i < scan->count; i++) {
        const candidate *one = &scan->waiting[i];
        int32_t low;
        scan->run(one->low, 1, scan->size, scan->asked->values, &low);
        push(scan->list, exact(scan->asked, one->high, low, one->scale), one->row);
    }
    scan->count = 0;
}

/* Take in up to BLOCK rows, `first` being the number of the first; `allowed`, if not NULL, is zero
 * for rows that do not count. Few candidates are fetched, and looked at after the next block: their
 * memory, which nothing else reads, has arrived by then. */
static void scan_block(
    scanner *scan, rows_view rows, ptrdiff_t count, uint32_t first, const uint8_t *allowed
) {
    const question *asked = scan->asked;
    shortlist *list = scan->list;
    int32_t high[BLOCK], low[BLOCK];
    float bounds[BLOCK];
    scan->run(rows.high, count, scan->size, asked->values, high);
    for (ptrdiff_t i = 0; i < count; i++)
        bounds[i] = (float)(16 * (high[i] - asked->bias)) * rows.scales[i]
            + rows.slacks[i] * asked->norm;
    scan_waiting(scan);
    int above = 0; /* no branch, so that this compiles to vectors */
    for (ptrdiff_t i = 0; i < count; i++) above += bounds[i] > list->bound;
    if (above == 0) return;
    if (above > MANY) scan->run(rows.low, count, scan->size, asked->values, low);
    for (ptrdiff_t i = 0; i < count; i++) {
        if (!(bounds[i] > list->bound) || (allowed != NULL && !allowed[i])) continue;
        const uint8_t *at = rows.low + i * scan->size;
        const uint32_t row = first + (uint32_t)i;
        if (above > MANY) {
            push(list, exact(asked, high[i], low[i], rows.scales[i]), row);
            continue;
        }
        for (ptrdiff_t j = 0; j < scan->size; j += GROUP) __builtin_prefetch(at + j);
        scan->waiting[scan->count++] = (candidate){at, rows.scales[i], high[i], row};
    }
}

#endif
