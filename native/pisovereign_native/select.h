/* Choosing among logits: those that can matter, and the cut by their probabilities. */
#ifndef PISOVEREIGN_SELECT_H
#define PISOVEREIGN_SELECT_H

#include <float.h>

#include "lanes.h"

/* Write the keys, ids ascending, of all values that are at least `bound`; return how many there
 * are. There must be room for one more. Only blocks whose maximum reaches the bound are looked at.
 */
static ptrdiff_t gather(
    const float *const *blocks, ptrdiff_t count, const float *maxima, float bound, uint64_t *keys
) {
    ptrdiff_t found = 0;
    for (ptrdiff_t b = 0; b < count; b++) {
        if (!(maxima[b] >= bound)) continue;
        for (int i = 0; i < BLOCK; i++) {
            const float value = blocks[b][i];
            keys[found] = pack(value, (uint32_t)(b * BLOCK + i));
            found += value >= bound;
        }
    }
    return found;
}

/* The key with which the weights, added up from the greatest key on, reach `wanted`; the least key
 * if they never do. Reorders the keys, of which there is at least one. */
static uint64_t key_at_mass(
    const lanes_kernel *lanes, uint64_t *keys, ptrdiff_t count, float max, double wanted
) {
    while (count > FEW) {
        const ptrdiff_t front = partition(keys, count);
        const double mass = lanes->mass_of(keys, front, max);
        if (mass >= wanted) {
            count = front;
        } else {
            keys += front;
            count -= front;
            wanted -= mass;
        }
    }
    sort_few(keys, count);
    for (ptrdiff_t i = 0; i < count - 1; i++) {
        wanted -= lanes->mass_of(keys + i, 1, max);
        if (wanted <= 0.0) return keys[i];
    }
    return keys[count - 1];
}

/* Where the running sum of the weights passes the target, else (rounding can leave it short) the
 * last that is not zero; -1 if all are. */
static ptrdiff_t place_of(const float *weights, ptrdiff_t count, double target) {
    ptrdiff_t last = -1;
    double sum = 0.0;
    for (ptrdiff_t i = 0; i < count && !(sum > target); i++) {
        if (weights[i] > 0.0f) {
            last = i;
            sum += weights[i];
        }
    }
    return last;
}

#endif
