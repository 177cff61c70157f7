/* AVX2 and AVX-512 VNNI. */
#ifndef PISOVEREIGN_DOTS_X86_H
#define PISOVEREIGN_DOTS_X86_H

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

/* Bytes that are asked for ahead of use. */
#define AHEAD 4096

static int has_avx2(void) {
    return __builtin_cpu_supports("avx2");
}

static int has_avx512_vnni(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vnni");
}

AVX2 static inline __m256i avx2_step(__m256i sum, const int8_t *row, __m256i query) {
    const __m256i values = _mm256_load_si256((const __m256i *)row);
    /* |query| times the row with the query's signs: two such products fit 16 bits. */
    const __m256i pairs = _mm256_maddubs_epi16(
        _mm256_abs_epi8(query), _mm256_sign_epi8(values, query)
    );
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

AVX2 static void dots_avx2(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    ptrdiff_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * width) {
        __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
        for (ptrdiff_t i = 0; i < width; i += 32) {
            const __m256i q = _mm256_load_si256((const __m256i *)(query + i));
            a = avx2_step(a, rows + i, q);
            b = avx2_step(b, rows + width + i, q);
            c = avx2_step(c, rows + 2 * width + i, q);
            d = avx2_step(d, rows + 3 * width + i, q);
        }
        const __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        const __m128i four = _mm_add_epi32(
            _mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1)
        );
        _mm_storeu_si128((__m128i *)(dots + row), four);
    }
    dots_portable(rows, count - row, width, query, dots + row);
}

/* VNNI multiplies unsigned with signed bytes: the row's are raised by 128, and 128 times the sum of
 * the query is what every accumulator starts below zero. */
VNNI static void dots_avx512_vnni(
    const int8_t *rows, ptrdiff_t count, ptrdiff_t width, const int8_t *query, int32_t *dots
) {
    const __m512i raise = _mm512_set1_epi8((char)0x80);
    __m512i start = _mm512_setzero_si512();
    for (ptrdiff_t i = 0; i < width; i += 64)
        start = _mm512_dpbusd_epi32(start, raise, _mm512_load_si512(query + i));
    start = _mm512_sub_epi32(_mm512_setzero_si512(), start);
    ptrdiff_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * width) {
        __m512i a = start, b = start, c = start, d = start;
        for (ptrdiff_t i = 0; i < width; i += 64) {
            const __m512i q = _mm512_load_si512(query + i);
            const int8_t *at = rows + i;
#define STEP(sum, at) _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_load_si512(at), raise), q)
            a = STEP(a, at);
            b = STEP(b, at + width);
            c = STEP(c, at + 2 * width);
            d = STEP(d, at + 3 * width);
#undef STEP
            _mm_prefetch(at + AHEAD, _MM_HINT_T0);
            _mm_prefetch(at + AHEAD + width, _MM_HINT_T0);
            _mm_prefetch(at + AHEAD + 2 * width, _MM_HINT_T0);
            _mm_prefetch(at + AHEAD + 3 * width, _MM_HINT_T0);
        }
        const __m512i ab = _mm512_add_epi32(
            _mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)
        );
        const __m512i cd = _mm512_add_epi32(
            _mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d)
        );
        const __m512i all = _mm512_add_epi32(
            _mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)
        );
        const __m256i half = _mm256_add_epi32(
            _mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1)
        );
        const __m128i four = _mm_add_epi32(
            _mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)
        );
        _mm_storeu_si128((__m128i *)(dots + row), four);
    }
    dots_portable(rows, count - row, width, query, dots + row);
}

#endif
