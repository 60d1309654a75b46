/* A long run of everything at once: requests through both doors into a server that fails at
 * random, cancelled, closed and freed at work, from several threads and clients.
 *
 *   soak [--requests N] [--seed N] [--ignore-memory] [--engine thread|caller|either]
 *        [--url URL [--ca-file FILE]]
 *
 * Without an engine each client has either by chance.
 * Without a URL it starts the fault server itself; with one, that server stands behind the URL.
 *
 * Every request is answered exactly once and with its own answer, and when the clients of a round
 * are gone, so are their threads, descriptors and memory. */
#include "life.h"
#include "process.h"
#include "requests.h"

#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RUNNERS = 6,
    LONG_LIVES = 2,
    SHORT_LIVES = 10,
    ROUND = 40000,
    STALL_SECONDS = 120,
    MOST_ROUNDS = 4096
};

static struct {
    unsigned long requests;
    uint64_t seed;
    int ignores_memory;
    const char *url;
    const char *ca_file;
    enum engine engine;
} wanted = {1000000, 0, 0, NULL, NULL, ENGINE_EITHER};

static server_process server;
static atomic_uint lives;
static atomic_ulong accepted;
static atomic_int is_done;

/* One client after the other. Those of the last runner of a round are short-lived. */
typedef struct runner {
    pthread_t thread;
    unsigned requests; /* of one client */
    unsigned count;
    chance source;
} runner;

static void *run_lives(void *argument)
{
    runner *self = (runner *)argument;
    unsigned index;

    for (index = 0; index < self->count; index++) {
        life_plan plan;
        plan.url = wanted.url;
        plan.ca_file = wanted.ca_file;
        plan.engine = wanted.engine;
        plan.number = atomic_fetch_add(&lives, 1) + 1;
        plan.requests = self->requests / 2 + chance_below(&self->source, self->requests);
        plan.seed = chance_next(&self->source);
        atomic_fetch_add(&accepted, life_run(&plan));
    }
    return NULL;
}

static void run_round(chance *source, unsigned requests)
{
    runner runners[RUNNERS];
    int index;

    for (index = 0; index < RUNNERS; index++) {
        int is_last = index == RUNNERS - 1;
        runners[index].requests = is_last ? 200 : requests / (RUNNERS - 1) / LONG_LIVES + 1;
        runners[index].count = is_last ? SHORT_LIVES : LONG_LIVES;
        runners[index].source = chance_seeded(chance_next(source));
        if (pthread_create(&runners[index].thread, NULL, run_lives, &runners[index]) != 0) {
            fail("no thread");
        }
    }
    for (index = 0; index < RUNNERS; index++) {
        pthread_join(runners[index].thread, NULL);
    }
}

static unsigned long answered(void)
{
    unsigned long sum = 0;
    int index;

    for (index = 0; index < OUTCOMES; index++) {
        sum += atomic_load_explicit(&outcomes[index], memory_order_relaxed);
    }
    return sum;
}

/* A request that is never answered would otherwise be a run that never ends. */
static void *watch_progress(void *argument)
{
    unsigned long last = 0;
    int64_t since = now_milliseconds();

    (void)argument;
    while (!atomic_load(&is_done)) {
        if (answered() != last) {
            last = answered();
            since = now_milliseconds();
        } else if (now_milliseconds() - since > STALL_SECONDS * 1000) {
            fail("nothing was answered for %d s, after %lu answers (seed %" PRIu64 ")",
                 STALL_SECONDS, last, wanted.seed);
        }
        sleep_milliseconds(100);
    }
    return NULL;
}

static size_t largest(const size_t *samples, unsigned from, unsigned to)
{
    size_t found = 0;

    for (; from < to; from++) {
        found = samples[from] > found ? samples[from] : found;
    }
    return found;
}

/* What was there after the first rounds, and some pages more, is enough for ever. */
static void check_memory(const size_t *samples, unsigned rounds)
{
    size_t early = largest(samples, rounds / 5, rounds / 2);
    size_t late = largest(samples, rounds / 2, rounds);

    printf("  memory: %zu KiB after round 1, %zu at most in the first half, %zu in the second\n",
           samples[0], early, late);
    if (!wanted.ignores_memory && rounds >= 10 && late > early + 512) {
        fail("memory grows: %zu KiB, then %zu KiB", early, late);
    }
}

/* A thread that was joined is seen for a moment longer. */
static void check_threads(unsigned expected)
{
    int64_t deadline = now_milliseconds() + 5000;

    while (running_threads() != expected) {
        if (now_milliseconds() > deadline) {
            fail("%u threads run, and there were %u", running_threads(), expected);
        }
        sleep_milliseconds(1);
    }
}

static enum engine engine_named(const char *name)
{
    return strcmp(name, "thread") == 0   ? ENGINE_THREAD
           : strcmp(name, "caller") == 0 ? ENGINE_CALLER
                                         : ENGINE_EITHER;
}

static void read_arguments(int argc, char **argv)
{
    int index;

    wanted.seed = (uint64_t)time(NULL);
    for (index = 1; index < argc; index++) {
        if (strcmp(argv[index], "--ignore-memory") == 0) {
            wanted.ignores_memory = 1;
        } else if (strcmp(argv[index], "--requests") == 0 && index + 1 < argc) {
            wanted.requests = strtoul(argv[++index], NULL, 10);
        } else if (strcmp(argv[index], "--seed") == 0 && index + 1 < argc) {
            wanted.seed = strtoull(argv[++index], NULL, 10);
        } else if (strcmp(argv[index], "--engine") == 0 && index + 1 < argc) {
            wanted.engine = engine_named(argv[++index]);
        } else if (strcmp(argv[index], "--url") == 0 && index + 1 < argc) {
            wanted.url = argv[++index];
        } else if (strcmp(argv[index], "--ca-file") == 0 && index + 1 < argc) {
            wanted.ca_file = argv[++index];
        } else {
            fail("usage: %s [--requests N] [--seed N] [--ignore-memory] "
                 "[--engine thread|caller|either] [--url URL [--ca-file FILE]]",
                 argv[0]);
        }
    }
}

static void report(int64_t started, unsigned rounds)
{
    double seconds = (double)(now_milliseconds() - started) / 1000;
    int index;

    printf("soak: %lu requests in %.1f s (%.0f a second), %u rounds, %u clients, %lu of them ended "
           "at work\n  answers:",
           atomic_load(&accepted), seconds, (double)atomic_load(&accepted) / seconds, rounds,
           atomic_load(&lives), atomic_load(&interrupted_lives));
    for (index = 0; index < OUTCOMES; index++) {
        printf(" %s %lu", outcome_names[index], atomic_load(&outcomes[index]));
    }
    printf("\n  sent again: %lu; lines of log: %lu; descriptors: %u\n",
           atomic_load(&repeated_requests), atomic_load(&log_lines), open_descriptors());
}

static void start_server(const char *program)
{
    static char url[64];

    if (wanted.url == NULL) {
        server = server_start(program, wanted.seed);
        snprintf(url, sizeof url, "http://127.0.0.1:%d", server.port);
        wanted.url = url;
    }
}

static unsigned requests_of_a_round(void)
{
    unsigned long tenth = wanted.requests / 10;

    if (wanted.requests < 2 * ROUND) {
        return (unsigned)wanted.requests / 2;
    }
    return tenth < ROUND ? (unsigned)tenth : ROUND;
}

int main(int argc, char **argv)
{
    static size_t samples[MOST_ROUNDS];
    unsigned rounds = 0, descriptors = 0, threads;
    int64_t started = now_milliseconds();
    unsigned round_size;
    chance source;
    pthread_t watch;

    read_arguments(argc, argv);
    /* With a heap for each thread, what one has freed stays with it, and the sum creeps up. */
    mallopt(M_ARENA_MAX, 1);
    printf("soak: seed %" PRIu64 "\n", wanted.seed);
    fflush(stdout);
    source = chance_seeded(wanted.seed);
    start_server(argv[0]);
    pthread_create(&watch, NULL, watch_progress, NULL);
    threads = running_threads(); /* a sanitizer has one as well */
    round_size = requests_of_a_round();
    while (atomic_load(&accepted) < wanted.requests && rounds < MOST_ROUNDS) {
        run_round(&source, round_size);
        malloc_trim(0);
        samples[rounds++] = resident_kibibytes();
        if (rounds == 1) {
            descriptors = open_descriptors();
        } else if (open_descriptors() != descriptors) {
            fail("%u descriptors are open, and there were %u", open_descriptors(), descriptors);
        }
        check_threads(threads);
    }
    report(started, rounds);
    check_memory(samples, rounds);
    atomic_store(&is_done, 1);
    pthread_join(watch, NULL);
    if (server.process != 0) {
        server_stop(&server);
    }
    return 0;
}
