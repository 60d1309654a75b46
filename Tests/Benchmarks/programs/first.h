/* How long new clients need for their first answer, in a process that has used TLS before. */
#ifndef FIRST_H
#define FIRST_H

#include "measure.h"

static inline void report_first(struct latencies *latencies)
{
    qsort(latencies->seconds, (size_t)latencies->noted, sizeof(double), compare_seconds);
    printf("{\"milliseconds\":%.3f}\n", latencies->seconds[latencies->noted / 2] * 1000);
    free(latencies->seconds);
}

#endif
