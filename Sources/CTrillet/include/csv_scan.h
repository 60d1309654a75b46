/*
 * The inner loop over CSV: a block of bytes at a time, which Swift cannot say in Embedded mode.
 */
#ifndef TRILLET_CSV_SCAN_H
#define TRILLET_CSV_SCAN_H

#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Where in 64 bytes a reader of CSV has to look: one bit for each byte. */
typedef struct {
    /* Delimiters, quotes, and control characters except the tab. */
    uint64_t stops;
    /* Bytes of characters beyond ASCII. */
    uint64_t beyond_ascii;
} shim_csv_marks;

#if defined(__SSE2__)
static inline shim_csv_marks shim_csv_scan(const uint8_t *block, uint8_t delimiter)
{
    const __m128i between = _mm_set1_epi8((char)delimiter), quote = _mm_set1_epi8('"');
    const __m128i tab = _mm_set1_epi8('\t'), last_control = _mm_set1_epi8(0x1F);
    shim_csv_marks marks = {0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * part));
        __m128i control = _mm_andnot_si128(
            _mm_cmpeq_epi8(bytes, tab), _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
        __m128i stop = _mm_or_si128(
            control, _mm_or_si128(_mm_cmpeq_epi8(bytes, between), _mm_cmpeq_epi8(bytes, quote)));
        marks.stops |= (uint64_t)(uint32_t)_mm_movemask_epi8(stop) << (16 * part);
        marks.beyond_ascii |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << (16 * part);
    }
    return marks;
}
#else
static inline shim_csv_marks shim_csv_scan(const uint8_t *block, uint8_t delimiter)
{
    shim_csv_marks marks = {0, 0};
    for (int index = 0; index < 64; index++) {
        uint8_t byte = block[index];
        int stops = byte == delimiter || byte == '"' || (byte < 0x20 && byte != '\t');
        marks.stops |= (uint64_t)stops << index;
        marks.beyond_ascii |= (uint64_t)(byte >= 0x80) << index;
    }
    return marks;
}
#endif

#endif
