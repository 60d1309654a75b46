/* What the two programs share, so that they differ only in how they make a request. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* 400 bytes of a call as people send it. */
static const char request_body[] =
    "{\"agentId\":\"5d1c0a77e2b94f0013ab6c21\",\"toNumber\":\"+12025550164\","
    "\"callback_url\":\"https://hooks.example.com/trillet/calls/7f3a\","
    "\"dynamic_variables\":{\"firstName\":\"Ada\",\"lastName\":\"Moss\",\"Zipcode\":\"20500\","
    "\"address\":\"1600 Example Avenue, Washington\",\"email\":\"ada.moss@example.com\","
    "\"plan\":\"gold\",\"renewalDate\":\"2031-04-02\"},"
    "\"metadata\":{\"campaign\":\"spring renewal\",\"row\":1042,\"attempt\":1,\"crm\":\"x-99213\"}}";

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long read_count(int argc, char **argv)
{
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (count < 1 || count > 1000000) {
        fprintf(stderr, "usage: %s URL COUNT\n", argv[0]);
        exit(2);
    }
    return count;
}

static void report(long count, double cpu, double wall)
{
    printf("{\"calls\":%ld,\"cpuMicroseconds\":%.3f,\"callsPerSecond\":%.0f}\n", count,
           cpu / (double)count * 1e6, (double)count / wall);
}

#endif
