/*
 * The inner loop over JSON strings, which are most of any answer: a block of bytes at a time,
 * which Swift cannot say in Embedded mode.
 */
#ifndef TRILLET_TEXT_SCAN_H
#define TRILLET_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Whether a JSON string may hold the byte as it is: ASCII except controls, quote and backslash. */
static inline _Bool shim_is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The high bit of every byte of a word that is not plain, the first byte lowest. */
static inline uint64_t shim_word_mask(const uint8_t *text)
{
    const uint64_t ones = 0x0101010101010101, high = ones * 0x80, low = ones * 0x7F;
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    /* Sums of seven bits carry into the eighth and never into the next byte. */
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t allowed = ((word & low) + ones * 0x60) & (((quote & low) + low) | quote)
        & (((backslash & low) + low) | backslash);
    return (word | ~allowed) & high;
}

/* The offset of the first byte from `offset` on that is not plain; `end` when there is none.
   `text` is readable from 0 to `end`, and nothing else is read. */
static inline size_t shim_plain_end_by_words(const uint8_t *text, size_t offset, size_t end)
{
    for (; end - offset >= 8; offset += 8) {
        uint64_t mask = shim_word_mask(text + offset);
        if (mask != 0)
            return offset + (size_t)__builtin_ctzll(mask) / 8;
    }
    while (offset < end && shim_is_plain(text[offset]))
        offset++;
    return offset;
}

#if defined(__SSE2__)

enum { SHIM_MASK_BITS = 1 };

static inline uint64_t shim_block_mask(const uint8_t *text)
{
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)text);
    /* Signed: a byte from 0x80 up is below every control character. */
    __m128i others = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
    others = _mm_or_si128(others, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    others = _mm_or_si128(others, _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    return (uint64_t)(uint32_t)_mm_movemask_epi8(others);
}

#elif defined(__ARM_NEON) && defined(__aarch64__)

enum { SHIM_MASK_BITS = 4 };

static inline uint64_t shim_block_mask(const uint8_t *text)
{
    uint8x16_t block = vld1q_u8(text);
    uint8x16_t others = vcltq_s8(vreinterpretq_s8_u8(block), vdupq_n_s8(0x20));
    others = vorrq_u8(others, vceqq_u8(block, vdupq_n_u8('"')));
    others = vorrq_u8(others, vceqq_u8(block, vdupq_n_u8('\\')));
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(others), 4)), 0);
}

#endif

/* As `shim_plain_end_by_words`, sixteen bytes at a time where the processor can. */
static inline size_t shim_plain_end(const uint8_t *text, size_t offset, size_t end)
{
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
    for (; end - offset >= 16; offset += 16) {
        uint64_t mask = shim_block_mask(text + offset);
        if (mask != 0)
            return offset + (size_t)__builtin_ctzll(mask) / SHIM_MASK_BITS;
    }
    if (end >= 16 && offset < end) {
        /* The last block of the text, without what lies before `offset` in it. */
        uint64_t mask = shim_block_mask(text + end - 16) >> (offset + 16 - end) * SHIM_MASK_BITS;
        return mask != 0 ? offset + (size_t)__builtin_ctzll(mask) / SHIM_MASK_BITS : end;
    }
#endif
    return shim_plain_end_by_words(text, offset, end);
}

#endif
