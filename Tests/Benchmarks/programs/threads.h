/* The same loop in 16 threads that start together. */
#ifndef THREADS_H
#define THREADS_H

#include "measure.h"

#include <pthread.h>

enum { THREADS = 16, WARM_UP_OF_EACH = 16 };

typedef void (*send_function)(void *context, long count, struct latencies *latencies);

struct worker {
    pthread_t thread;
    pthread_barrier_t *warm;
    pthread_barrier_t *begun;
    send_function send;
    void *context;
    long count;
    struct latencies latencies;
};

static inline void *work(void *context)
{
    struct worker *worker = (struct worker *)context;
    worker->send(worker->context, WARM_UP_OF_EACH, NULL);
    pthread_barrier_wait(worker->warm);
    pthread_barrier_wait(worker->begun);
    worker->send(worker->context, worker->count, &worker->latencies);
    return NULL;
}

/* Each thread makes its share of `count` requests with its own context. */
static inline void measure_threads(long count, send_function send, void **contexts)
{
    struct worker workers[THREADS];
    pthread_barrier_t warm, begun;
    pthread_barrier_init(&warm, NULL, THREADS + 1);
    pthread_barrier_init(&begun, NULL, THREADS + 1);
    struct latencies all = new_latencies(count + THREADS);
    for (int index = 0; index < THREADS; index++) {
        struct worker *worker = &workers[index];
        worker->warm = &warm;
        worker->begun = &begun;
        worker->send = send;
        worker->context = contexts[index];
        worker->count = count / THREADS + (index < count % THREADS);
        worker->latencies = new_latencies(worker->count + 1);
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            fprintf(stderr, "cannot start a thread\n");
            exit(1);
        }
    }
    pthread_barrier_wait(&warm);
    const struct measurement start = start_measurement();
    pthread_barrier_wait(&begun);
    for (int index = 0; index < THREADS; index++) {
        struct latencies *part = &workers[index].latencies;
        pthread_join(workers[index].thread, NULL);
        memcpy(all.seconds + all.noted, part->seconds, (size_t)part->noted * sizeof(double));
        all.noted += part->noted;
        free(part->seconds);
    }
    report(start, &all);
}

#endif
