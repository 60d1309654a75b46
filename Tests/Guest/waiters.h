/* Threads that wait for one client, of which one drives it. */
#ifndef WAITERS_H
#define WAITERS_H

#include "service.h"
#include "trillet.h"

#include <pthread.h>

enum { LONG_WAIT = 20000, SOON = 5000, NO_ANSWER = -1 };

/* A thread that is in one of the waiting functions until that returns. */
typedef struct waiter {
    pthread_t thread;
    trillet_client *client;
    int32_t timeout;
    int answers_expected;
    int has_check;
    int is_interrupted;
    int fetched;
    int32_t waiting;
    long returned;
} waiter;

waiter waiter_new(trillet_client *client, int32_t timeout);
void waiter_start(waiter *started, void *(*wait)(void *));

/* The ways to wait: for as many answers as are expected, or in trillet_drive() once. */
void *wait_in_next(void *waiter);
void *wait_in_drive(void *waiter);

/* SIGUSR1 interrupts what it comes into, and does nothing else. */
void waiter_handle_signals(void);

/* One request is held by the service; the leader has sent it, so that it is the one that drives. */
typedef struct scene {
    const char *tag;
    trillet_client *client;
    waiter leader;
    waiter followers[3];
} scene;

void scene_open(scene *opened, void *(*wait)(void *), int32_t timeout, int has_check);
void scene_follow(scene *opened, int index, void *(*wait)(void *), int has_check);
/* The leader is gone; the follower gets the answer that it could not have got without driving. */
void scene_close(scene *opened);

#endif
