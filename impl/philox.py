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
   Word w of counter j goes to out[w][j]; it has 32 bits. keys: of the rounds, see `rounds`.
   The texts for AVX-512, AVX2 and any other machine give the same words: a word sits in the low half of 64 bits, and
   what the high half holds in between is never read. */
static inline void rounds(uint64_t seed, uint64_t keys[{2 * ROUNDS}])
{{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < {ROUNDS}; i++, k0 += {WEYL[0]:#x}u, k1 += {WEYL[1]:#x}u) {{
        keys[2 * i] = k0;
        keys[2 * i + 1] = k1;
    }}
}}

#if defined(__AVX512F__) && MANY % 8 == 0
#include <immintrin.h>
#define WIDE 8
typedef __m512i wide;
#define ALL(x) _mm512_set1_epi64((int64_t)(x))
#define PLACES _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0)
#define ADD _mm512_add_epi64
#define AND _mm512_and_si512
#define MULTIPLY _mm512_mul_epu32
#define HIGH(x) _mm512_srli_epi64(x, 32)
#define XOR _mm512_xor_si512
#define XOR3(x, y, z) _mm512_ternarylogic_epi64(x, y, z, 0x96)
#define STORE(at, x) _mm512_storeu_si512(at, x)
#elif defined(__AVX2__) && MANY % 4 == 0
#include <immintrin.h>
#define WIDE 4
typedef __m256i wide;
#define ALL(x) _mm256_set1_epi64x((int64_t)(x))
#define PLACES _mm256_set_epi64x(3, 2, 1, 0)
#define ADD _mm256_add_epi64
#define AND _mm256_and_si256
#define MULTIPLY _mm256_mul_epu32
#define HIGH(x) _mm256_srli_epi64(x, 32)
#define XOR _mm256_xor_si256
#define XOR3(x, y, z) XOR(XOR(x, y), z)
#define STORE(at, x) _mm256_storeu_si256((__m256i *)(at), x)
#else
#define WIDE 1
typedef uint64_t wide;
#define ALL(x) ((uint64_t)(x))
#define PLACES 0
#define ADD(x, y) ((x) + (y))
#define AND(x, y) ((x) & (y))
#define MULTIPLY(x, y) ((uint64_t)(uint32_t)(x) * (uint32_t)(y))
#define HIGH(x) ((x) >> 32)
#define XOR(x, y) ((x) ^ (y))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define STORE(at, x) (*(at) = (int64_t)(x))
#endif

static inline void philox(uint64_t q, uint64_t dq, uint64_t lane, uint64_t dlane, uint32_t stream,
                          const uint64_t keys[{2 * ROUNDS}], int64_t out[4][MANY])
{{
    for (int j = 0; j < MANY; j += WIDE) {{
        const wide at = ADD(PLACES, ALL(j));
        wide x0 = ALL(q), x1 = ALL(q >> 32), x2 = ALL(lane), x3 = ALL(stream);
        x2 = dlane ? ADD(x2, at) : x2;
        if (dq) {{
            x0 = ADD(x0, at);
            x1 = HIGH(x0);
        }} else {{
            /* Two rounds, of which the half that starts from q is the same for all lanes. */
            const uint64_t one = (uint64_t)(uint32_t)q * {MULTIPLIERS[0]:#x}u;
            const uint64_t two = (uint64_t)(uint32_t)((one >> 32) ^ stream ^ keys[1]) * {MULTIPLIERS[1]:#x}u;
            const wide other = MULTIPLY(x2, ALL({MULTIPLIERS[1]:#x}u));
            x3 = MULTIPLY(XOR(HIGH(other), ALL((q >> 32) ^ keys[0])), ALL({MULTIPLIERS[0]:#x}u));
            x2 = XOR(HIGH(x3), ALL((uint32_t)one ^ keys[3]));
            x1 = ALL(two);
            x0 = XOR(other, ALL((two >> 32) ^ keys[2]));
        }}
#pragma GCC unroll 10
        for (int i = dq ? 0 : 2; i < {ROUNDS}; i++) {{
            const wide p0 = MULTIPLY(x0, ALL({MULTIPLIERS[0]:#x}u)), p1 = MULTIPLY(x2, ALL({MULTIPLIERS[1]:#x}u));
            x0 = XOR3(HIGH(p1), x1, ALL(keys[2 * i]));
            x2 = XOR3(HIGH(p0), x3, ALL(keys[2 * i + 1]));
            x1 = p1;
            x3 = p0;
        }}
        STORE(&out[0][j], AND(x0, ALL(0xffffffffu)));
        STORE(&out[1][j], AND(x1, ALL(0xffffffffu)));
        STORE(&out[2][j], AND(x2, ALL(0xffffffffu)));
        STORE(&out[3][j], AND(x3, ALL(0xffffffffu)));
    }}
}}
"""
"""Needs <stdint.h> and MANY, a number. dq and dlane are 0 or 1."""
