/* Candidates as integers, and finding the best of many without sorting them.
 *
 * A candidate is one integer that orders as wanted: the score in the upper half, the complement of
 * its id in the lower, so the greater key is the better one and of equal ones that of lower id.
 */
#ifndef PISOVEREIGN_KEYS_H
#define PISOVEREIGN_KEYS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FEW 24 /* keys that are sorted by insertion */

static inline uint64_t pack(float value, uint32_t id) {
    uint32_t bits;
    value += 0.0f; /* -0 and 0 are equal */
    memcpy(&bits, &value, sizeof bits);
    bits ^= (bits >> 31) ? UINT32_MAX : UINT32_C(1) << 31;
    return (uint64_t)bits << 32 | (UINT32_MAX - id);
}

static inline float key_value(uint64_t key) {
    uint32_t bits = (uint32_t)(key >> 32);
    float value;
    bits ^= (bits >> 31) ? UINT32_C(1) << 31 : UINT32_MAX;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t key_id(uint64_t key) {
    return UINT32_MAX - (uint32_t)key;
}

/* Move the keys that are at least a middling one to the front; return how many. At least 3 keys,
 * no two alike; neither part is empty. */
static inline ptrdiff_t partition(uint64_t *keys, ptrdiff_t count) {
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

#endif
