/* What all programs share, so that they differ only in how they make a request. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { IN_FLIGHT = 64, MANY_IN_FLIGHT = 1000, MOST_IN_FLIGHT = 10000 };

struct arguments {
    const char *base_url;
    long count;
    const char *body;
    /* IN_FLIGHT, unless a fourth argument says otherwise. */
    long in_flight;
    /* Calls before the measurement. */
    long warm_up;
    /* The authority that signed the server's certificate; NULL without TLS. */
    const char *ca_file;
};

/* Seconds each request took, in room that was touched before the clock starts. */
struct latencies {
    double *seconds;
    long noted;
};

struct measurement {
    double cpu;
    double wall;
};

static inline double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double monotonic_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

static inline void *must(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

/* A connection each: thousands of them are more than a shell lets a program have. */
static inline void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static inline struct arguments read_arguments(int argc, char **argv)
{
    struct arguments arguments = {NULL, 0, NULL, IN_FLIGHT, 4 * IN_FLIGHT, NULL};
    if (argc == 4 || argc == 5) {
        arguments.base_url = argv[1];
        arguments.count = strtol(argv[2], NULL, 10);
        arguments.body = argv[3];
        arguments.ca_file = getenv("BENCHMARK_CA");
    }
    if (argc == 5) {
        arguments.in_flight = strtol(argv[4], NULL, 10);
        /* The first round opens the connections, the second finds them open. With thousands a round
         * takes seconds. */
        arguments.warm_up = arguments.in_flight * (arguments.in_flight > MANY_IN_FLIGHT ? 1 : 2);
    }
    if (arguments.count < 1 || arguments.count > 10000000 || arguments.in_flight < 1
        || arguments.in_flight > MOST_IN_FLIGHT) {
        fprintf(stderr, "usage: [BENCHMARK_CA=FILE] %s BASE_URL COUNT BODY [IN_FLIGHT]\n", argv[0]);
        exit(2);
    }
    raise_file_limit();
    return arguments;
}

static inline struct latencies new_latencies(long count)
{
    struct latencies latencies = {(double *)must(malloc((size_t)count * sizeof(double))), 0};
    memset(latencies.seconds, 0, (size_t)count * sizeof(double));
    return latencies;
}

/* NULL while warming up. */
static inline void note_latency(struct latencies *latencies, double since)
{
    if (latencies != NULL)
        latencies->seconds[latencies->noted++] = monotonic_seconds() - since;
}

static inline struct measurement start_measurement(void)
{
    struct measurement start = {seconds_of(CLOCK_PROCESS_CPUTIME_ID), monotonic_seconds()};
    return start;
}

static inline int compare_seconds(const void *left, const void *right)
{
    const double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

/* The most memory the process has had; getrusage() would count its parent's too. */
static inline long peak_kilobytes(void)
{
    char line[256];
    long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return kilobytes;
}

static inline void report(struct measurement start, struct latencies *latencies)
{
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start.cpu;
    const double wall = monotonic_seconds() - start.wall;
    const long count = latencies->noted;
    qsort(latencies->seconds, (size_t)count, sizeof(double), compare_seconds);
    printf("{\"calls\":%ld,\"cpuSeconds\":%.6f,\"wallSeconds\":%.6f,\"p50Milliseconds\":%.4f,"
           "\"p99Milliseconds\":%.4f,\"peakKilobytes\":%ld}\n",
           count, cpu, wall, latencies->seconds[count / 2] * 1000,
           latencies->seconds[count * 99 / 100] * 1000, peak_kilobytes());
    free(latencies->seconds);
}

#endif
