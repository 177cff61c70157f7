/* Finding the best of many without sorting them.
 *
 * A candidate is one integer that orders as wanted: the logit in the upper half, the complement of
 * its id in the lower, so the greater key is the likelier token and of equal ones that of lower id.
 */
#ifndef PISOVEREIGN_SELECT_H
#define PISOVEREIGN_SELECT_H

#include <float.h>

#include "lanes.h"

#define FEW 24 /* keys that are sorted by insertion */

INLINE uint64_t pack(float value, uint32_t id) {
    uint32_t bits;
    value += 0.0f; /* -0 and 0 are equal */
    memcpy(&bits, &value, sizeof bits);
    bits ^= (bits >> 31) ? UINT32_MAX : UINT32_C(1) << 31;
    return (uint64_t)bits << 32 | (UINT32_MAX - id);
}

INLINE float key_value(uint64_t key) {
    uint32_t bits = (uint32_t)(key >> 32);
    float value;
    bits ^= (bits >> 31) ? UINT32_C(1) << 31 : UINT32_MAX;
    memcpy(&value, &bits, sizeof value);
    return value;
}

INLINE uint32_t key_id(uint64_t key) {
    return UINT32_MAX - (uint32_t)key;
}

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

/* Move the keys that are at least a middling one to the front; return how many. At least 3 keys,
 * no two alike; neither part is empty. */
INLINE ptrdiff_t partition(uint64_t *keys, ptrdiff_t count) {
    const uint64_t a = keys[0], b = keys[count / 2], c = keys[count - 1];
    const uint64_t low = a < b ? a : b, high = a < b ? b : a;
    const uint64_t pivot = c < low ? low : c < high ? c : high;
    ptrdiff_t front = 0;
    for (ptrdiff_t i = 0; i < count; i++) { /* no branch to mispredict */
        const uint64_t key = keys[i];
        keys[i] = keys[front];
        keys[front] = key;
        front += key >= pivot;
    }
    return front;
}

static void sort_few(uint64_t *keys, ptrdiff_t count) {
    for (ptrdiff_t i = 1; i < count; i++) {
        const uint64_t key = keys[i];
        ptrdiff_t at = i;
        for (; at > 0 && keys[at - 1] < key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* The key that is greatest but `rank` (from 0); reorders the keys. */
static uint64_t key_at(uint64_t *keys, ptrdiff_t count, ptrdiff_t rank) {
    while (count > FEW) {
        const ptrdiff_t front = partition(keys, count);
        if (rank < front) {
            count = front;
        } else {
            keys += front;
            count -= front;
            rank -= front;
        }
    }
    sort_few(keys, count);
    return keys[rank];
}

/* Sum of the keys' weights at temperature 1. */
CLONES static double mass_of(const uint64_t *keys, ptrdiff_t count, float max) {
    double total[LANES] = {0};
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        const ptrdiff_t left = count - i < LANES ? count - i : LANES;
        float values[LANES];
        floats next;
        for (int j = 0; j < LANES; j++) values[j] = j < left ? key_value(keys[i + j]) : -INFINITY;
        LOAD(next, values);
        WEIGHTS(next, max, 1.0f);
        memcpy(values, &next, sizeof values);
        for (int j = 0; j < LANES; j++) total[j] += values[j];
    }
    return add_lanes(total);
}

/* The key with which the weights, added up from the greatest key on, reach `wanted`; the least key
 * if they never do. Reorders the keys, of which there is at least one. */
static uint64_t key_at_mass(uint64_t *keys, ptrdiff_t count, float max, double wanted) {
    while (count > FEW) {
        const ptrdiff_t front = partition(keys, count);
        const double mass = mass_of(keys, front, max);
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
        wanted -= mass_of(keys + i, 1, max);
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
