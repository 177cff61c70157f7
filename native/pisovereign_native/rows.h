/* How vectors become rows of nibbles and queries of bytes, and memory for rows.
 *
 * A value is an integer of -119 to 119, kept as 16 * (h - 8) + (l - 8) with nibbles h and l in two
 * planes. The plane of h alone bounds a product from above: by Cauchy and Schwarz what l adds is at
 * most the length of that part times the length of the query. So a search reads half the memory,
 * and looks up l only for rows that can be among the best.
 */
#ifndef PISOVEREIGN_ROWS_H
#define PISOVEREIGN_ROWS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "dots.h"

#define CHUNK_BYTES (1 << 21) /* a huge page of x86-64, and of aarch64 with pages of 4 KiB */
#define WIDEST 8192 /* values */
#define MOST_OF_ROW 119 /* the greatest integer that two nibbles hold this way */
#define MOST_OF_QUERY 127

typedef struct {
    const int8_t *values;
    float norm, scale; /* length of `values`, and what makes it 1 (zero if it is zero) */
    int32_t bias; /* 8 times their sum, which each plane's product is too great by */
} question;

static int all_finite(const float *vector, ptrdiff_t width) {
    int finite = 1;
    for (ptrdiff_t i = 0; i < width; i++) finite &= vector[i] - vector[i] == 0.0f;
    return finite;
}

/* Write integers whose greatest is `most`, then zeros up to the stride; return their squares' sum.
 */
static int32_t to_integers(
    const float *vector, ptrdiff_t width, ptrdiff_t stride, int most, int8_t *integers
) {
    float greatest = 0.0f;
    int32_t squares = 0;
    for (ptrdiff_t i = 0; i < width; i++)
        greatest = fabsf(vector[i]) > greatest ? fabsf(vector[i]) : greatest;
    const double factor = greatest > 0.0f ? most / (double)greatest : 0.0;
    for (ptrdiff_t i = 0; i < width; i++) {
        /* Adding and subtracting 1.5 * 2^52 rounds to the nearest integer. */
        const double rounded = (vector[i] * factor + 6755399441055744.0) - 6755399441055744.0;
        integers[i] = (int8_t)rounded;
        squares += integers[i] * integers[i];
    }
    memset(integers + width, 0, (size_t)(stride - width));
    return squares;
}

static inline float unit_scale(int32_t squares) {
    return squares > 0 ? (float)(1.0 / sqrt((double)squares)) : 0.0f;
}

/* Turn a vector into a question, whose values are put where they are aligned in the room, of stride
 * and GROUP bytes. */
static void ask(
    question *asked, int8_t *room, const float *vector, ptrdiff_t width, ptrdiff_t stride
) {
    int8_t *values = room + (-(uintptr_t)room & (GROUP - 1));
    const int32_t squares = to_integers(vector, width, stride, MOST_OF_QUERY, values);
    asked->norm = sqrtf((float)squares);
    asked->scale = unit_scale(squares);
    asked->values = values;
    asked->bias = 0;
    for (ptrdiff_t i = 0; i < width; i++) asked->bias += 8 * values[i];
}

/* Write a row to both planes. `scale` makes the integers' length 1 (zero if it is zero); `slack` is
 * the length of the low plane's part so scaled, and a little for rounding. */
static void pack_row(
    const float *vector, ptrdiff_t width, ptrdiff_t stride, uint8_t *high, uint8_t *low,
    float *scale, float *slack
) {
    int8_t integers[WIDEST];
    const int32_t squares = to_integers(vector, width, stride, MOST_OF_ROW, integers);
    int32_t low_squares = 0;
    for (ptrdiff_t i = 0; i < stride; i += 2 * GROUP) {
        for (int j = 0; j < GROUP; j++) {
            const int first = integers[i + j] + 136, second = integers[i + GROUP + j] + 136;
            high[i / 2 + j] = (uint8_t)(first >> 4 | (second & 0xF0));
            low[i / 2 + j] = (uint8_t)((first & 15) | (second & 15) << 4);
            low_squares += ((first & 15) - 8) * ((first & 15) - 8);
            low_squares += ((second & 15) - 8) * ((second & 15) - 8);
        }
    }
    *scale = unit_scale(squares);
    *slack = (float)(sqrt((double)low_squares) * *scale * 1.00001 + 1e-6);
}

/* CHUNK_BYTES of zeros for `free_chunk`; NULL if there is no memory. With huge pages a million rows
 * are read in four fifths of the time; without, only what was written is resident. They come from the
 * system: malloc hands out memory again that has small pages already, and keeps what lies between. */
#ifdef __SANITIZE_ADDRESS__ /* which watches the ends of what malloc gives, and not of a mapping */
static void *new_chunk(int huge) {
    void *memory;
    (void)huge;
    if (posix_memalign(&memory, CHUNK_BYTES, CHUNK_BYTES) != 0) return NULL;
    return memset(memory, 0, CHUNK_BYTES);
}

static void free_chunk(void *memory) {
    free(memory);
}
#else
static void *new_chunk(int huge) {
    char *start = mmap(
        NULL, 2 * CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
    );
    if (start == MAP_FAILED) return NULL;
    const size_t before = -(uintptr_t)start & (CHUNK_BYTES - 1);
    char *memory = start + before;
    if (before > 0) munmap(start, before);
    munmap(memory + CHUNK_BYTES, CHUNK_BYTES - before);
#ifdef MADV_HUGEPAGE
    if (huge) (void)madvise(memory, CHUNK_BYTES, MADV_HUGEPAGE);
#endif
    return memory;
}

static void free_chunk(void *memory) {
    munmap(memory, CHUNK_BYTES);
}
#endif

#endif
