/* The passes over many logits. Included once for each instruction set, with TARGET the attribute that
 * selects it and PASS what it makes of a name: vector types compile to what their function's target
 * has, and an inlined function would keep the narrower form. */

/* Write the greatest value of each block, -infinity for one without numbers; return the greatest
 * of all. NaN loses every comparison. */
TARGET static float PASS(block_maxima)(const float *const *blocks, ptrdiff_t count, float *maxima) {
    float best = -INFINITY;
    for (ptrdiff_t b = 0; b < count; b++) {
        floats most = (floats){0} - INFINITY, next;
        for (int i = 0; i < BLOCK; i += LANES) {
            LOAD(next, blocks[b] + i);
            most = SELECT(next > most, next, most);
        }
#if LANES == 8
        HALVE(most, next, 4);
#endif
        HALVE(most, next, 2);
        HALVE(most, next, 1);
        maxima[b] = most[0];
        best = most[0] > best ? most[0] : best;
    }
    return best;
}

/* Write the sum of each block's weights; return the sum of all. */
TARGET static double PASS(block_sums)(
    const float *const *blocks, ptrdiff_t count, float max, float scale, double *sums
) {
    double total = 0.0;
    for (ptrdiff_t b = 0; b < count; b++) {
        /* Up to 16 weights of at most 1 in a lane: single precision is enough. */
        floats sum = {0}, next;
        for (int i = 0; i < BLOCK; i += LANES) {
            LOAD(next, blocks[b] + i);
            WEIGHTS(next, max, scale);
            sum += next;
        }
        const doubles wide = __builtin_convertvector(sum, doubles);
        double lanes[LANES];
        memcpy(lanes, &wide, sizeof lanes);
        sums[b] = add_lanes(lanes);
        total += sums[b];
    }
    return total;
}

/* Replace values by their weights; `count` is rounded up to whole vectors, so there must be room.
 */
TARGET static void PASS(weigh)(float *values, ptrdiff_t count, float max, float scale) {
    floats next;
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        LOAD(next, values + i);
        WEIGHTS(next, max, scale);
        memcpy(values + i, &next, sizeof next);
    }
}

/* Sum of the keys' weights at temperature 1. */
TARGET static double PASS(mass_of)(const uint64_t *keys, ptrdiff_t count, float max) {
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

#undef TARGET
#undef PASS
