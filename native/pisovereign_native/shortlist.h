/* The k best of a stream of scores, in a buffer of a few times k.
 *
 * A score that cannot be among the best is dismissed by one comparison with the k-th best so far,
 * which is found anew only when the buffer is full. Of equal scores the lower row is the better.
 * NaN is never better than anything: it marks rows that are empty.
 */
#ifndef PISOVEREIGN_SHORTLIST_H
#define PISOVEREIGN_SHORTLIST_H

#include <stdlib.h>

#include "keys.h"

typedef struct {
    uint64_t *keys;
    ptrdiff_t k, count, room; /* room is at least k + 1 */
    float bound; /* only greater scores count */
} shortlist;

/* Keep the best k. */
static void shorten(shortlist *list) {
    if (list->count <= list->k) return;
    const uint64_t least = key_at(list->keys, list->count, list->k - 1);
    ptrdiff_t kept = 0;
    for (ptrdiff_t i = 0; i < list->count; i++) {
        const uint64_t key = list->keys[i];
        list->keys[kept] = key;
        kept += key >= least;
    }
    list->count = list->k;
    list->bound = key_value(least);
}

/* Take in a score if it can be among the best; rows come in ascending order. */
static inline void push(shortlist *list, float score, uint32_t row) {
    if (!(score > list->bound)) return;
    list->keys[list->count++] = pack(score, row);
    if (list->count == list->room) shorten(list);
}

static int descending(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* Keep the best k, the best first. */
static void settle(shortlist *list) {
    shorten(list);
    qsort(list->keys, (size_t)list->count, sizeof *list->keys, descending);
}

#endif
