/* Random numbers that a seed repeats (SplitMix64). */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdint.h>

typedef struct chance {
    uint64_t state;
} chance;

static inline chance chance_seeded(uint64_t seed)
{
    chance made = {seed};
    return made;
}

static inline uint64_t chance_next(chance *source)
{
    uint64_t mixed = source->state += 0x9E3779B97F4A7C15u;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static inline unsigned chance_below(chance *source, unsigned bound)
{
    return (unsigned)(chance_next(source) % bound);
}

/* Whether one of so many times. */
static inline int chance_once_in(chance *source, unsigned times)
{
    return chance_below(source, times) == 0;
}

#endif
