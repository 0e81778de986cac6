"""Philox4x32-10 (Salmon et al. 2011): random words as a function of a counter, in NumPy and in C.

The word of step t and lane j is word (t - 1) mod 4 of the counter (q mod 2^32, q div 2^32, j, stream) with
q = (t - 1) div 4; the key is the seed. So a draw depends on nothing but seed, step and lane: not on the number of
lanes, the threads, the width of registers, or where a run was interrupted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
Words = np.ndarray[Any, np.dtype[np.uint64]]


def philox(counter: Any, key: tuple[int, int]) -> Words:
    """Four words per counter. counter: shape (4, ...), words of 32 bits; returns the same shape, as uint64."""
    x0, x1, x2, x3 = (np.asarray(word, dtype=np.uint64) for word in counter)
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = np.uint64(MULTIPLIERS[0]) * x0, np.uint64(MULTIPLIERS[1]) * x2
        x0, x1, x2, x3 = (p1 >> HALF) ^ x1 ^ np.uint64(k0), p1 & LOW, (p0 >> HALF) ^ x3 ^ np.uint64(k1), p0 & LOW
        k0, k1 = (k0 + WEYL[0]) % 2**32, (k1 + WEYL[1]) % 2**32
    found: Words = np.stack([x0, x1, x2, x3])
    return found


def words(seed: int, steps: Any, lanes: Any, stream: int = 0) -> Words:
    """The words of steps (from 1 on) and lanes, as integers below 2^32; the two are broadcast together."""
    before, lane = np.broadcast_arrays(np.asarray(steps, dtype=np.uint64) - np.uint64(1), np.asarray(lanes))
    q = before >> np.uint64(2)
    counter = np.stack([q & LOW, q >> HALF, lane.astype(np.uint64), np.full_like(q, stream)])
    found = philox(counter, (seed % 2**32, seed >> 32))
    chosen: Words = np.take_along_axis(found, (before & np.uint64(3)).astype(np.int64)[None], axis=0)[0]
    return chosen


C_TEXT = f"""\
/* Philox4x32-10 for MANY counters at once, (low q, high q, lane, stream) with q + j*dq and lane + j*dlane, j < MANY.
   Word w of counter j goes to out[w][j]; it has 32 bits. The two texts give the same words. */
#define MULTIPLY0 {MULTIPLIERS[0]:#x}u
#define MULTIPLY1 {MULTIPLIERS[1]:#x}u
#define WEYL0 {WEYL[0]:#x}u
#define WEYL1 {WEYL[1]:#x}u
#if defined(__AVX512F__) && MANY % 8 == 0
#include <immintrin.h>
static inline void philox(uint64_t q, uint64_t dq, uint64_t lane, uint64_t dlane, uint32_t stream, uint64_t key,
                          int64_t out[4][MANY])
{{
    const __m512i m0 = _mm512_set1_epi64(MULTIPLY0), m1 = _mm512_set1_epi64(MULTIPLY1);
    const __m512i low = _mm512_set1_epi64(0xffffffff), places = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    for (int j = 0; j < MANY; j += 8) {{
        const __m512i at = _mm512_add_epi64(places, _mm512_set1_epi64(j));
        const __m512i qs = _mm512_add_epi64(_mm512_set1_epi64((int64_t)q),
                                            dq ? at : _mm512_setzero_si512());
        const __m512i lanes = _mm512_add_epi64(_mm512_set1_epi64((int64_t)lane),
                                               dlane ? at : _mm512_setzero_si512());
        __m512i x0 = qs, x1 = _mm512_srli_epi64(qs, 32), x2 = lanes, x3 = _mm512_set1_epi64(stream);
        uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma GCC unroll 10
        for (int round = 0; round < {ROUNDS}; round++) {{
            const __m512i p0 = _mm512_mul_epu32(x0, m0), p1 = _mm512_mul_epu32(x2, m1);
            x0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), x1, _mm512_set1_epi64(k0), 0x96);
            x2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), x3, _mm512_set1_epi64(k1), 0x96);
            x1 = p1; /* the high half of a word's 64 bits is never read by the product above */
            x3 = p0;
            k0 += WEYL0;
            k1 += WEYL1;
        }}
        _mm512_storeu_si512(&out[0][j], _mm512_and_si512(x0, low));
        _mm512_storeu_si512(&out[1][j], _mm512_and_si512(x1, low));
        _mm512_storeu_si512(&out[2][j], _mm512_and_si512(x2, low));
        _mm512_storeu_si512(&out[3][j], _mm512_and_si512(x3, low));
    }}
}}
#else
static inline void philox(uint64_t q, uint64_t dq, uint64_t lane, uint64_t dlane, uint32_t stream, uint64_t key,
                          int64_t out[4][MANY])
{{
    for (int j = 0; j < MANY; j++) {{
        const uint64_t at = q + dq * (uint64_t)j;
        uint32_t x0 = (uint32_t)at, x1 = (uint32_t)(at >> 32), x2 = (uint32_t)(lane + dlane * (uint64_t)j);
        uint32_t x3 = stream, k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma GCC unroll 10
        for (int round = 0; round < {ROUNDS}; round++) {{
            const uint64_t p0 = (uint64_t)x0 * MULTIPLY0, p1 = (uint64_t)x2 * MULTIPLY1;
            x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
            x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
            x1 = (uint32_t)p1;
            x3 = (uint32_t)p0;
            k0 += WEYL0;
            k1 += WEYL1;
        }}
        out[0][j] = x0;
        out[1][j] = x1;
        out[2][j] = x2;
        out[3][j] = x3;
    }}
}}
#endif
"""
"""Needs <stdint.h> and MANY, a number. dq and dlane are 0 or 1."""
