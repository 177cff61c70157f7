/* Philox4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"):
 * a function of a key and a counter, without state. numpy has the same one, as the oracle. */
#ifndef PISOVEREIGN_PHILOX_H
#define PISOVEREIGN_PHILOX_H

#include <stdint.h>

/* The first of the four words for the key (seed, 0) and the counter (number, lane, 0, 0). */
static inline uint64_t philox(uint64_t seed, uint64_t number, uint64_t lane) {
    uint64_t c0 = number, c1 = lane, c2 = 0, c3 = 0, k0 = seed, k1 = 0;
    for (int round = 0; round < 10; round++) {
        const unsigned __int128 p0 = (unsigned __int128)UINT64_C(0xD2E7470EE14C6C93) * c0;
        const unsigned __int128 p1 = (unsigned __int128)UINT64_C(0xCA5A826395121157) * c2;
        c0 = (uint64_t)(p1 >> 64) ^ c1 ^ k0;
        c2 = (uint64_t)(p0 >> 64) ^ c3 ^ k1;
        c1 = (uint64_t)p1;
        c3 = (uint64_t)p0;
        k0 += UINT64_C(0x9E3779B97F4A7C15);
        k1 += UINT64_C(0xBB67AE8584CAA73B);
    }
    return c0;
}

#endif
