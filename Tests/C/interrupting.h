/* A thread that calls, and a button that ends what it waits for. */
#ifndef INTERRUPTING_H
#define INTERRUPTING_H

#include "fixture.h"

#include <pthread.h>
#include <stdint.h>

#define SEND_CALL "{\"agentId\":\"a\",\"toNumber\":\"+12025550164\"}"

/* The promise is 300 ms; the rest is for a machine that is busy. */
enum { SOON_MILLISECONDS = 1500 };

long milliseconds_now(void);
void pause_milliseconds(long milliseconds);

/* Says when the call is to end, and by whom and since when it was asked for that. */
typedef struct stop_button {
    int is_pressed;
    long pressed;
    pthread_t asked_on;
    int asked;
} stop_button;

stop_button new_button(void);
/* The check of a button. */
int32_t look(void *button);
void press(stop_button *button);

typedef char *(*call_function)(trillet_client *client);

char *send_call(trillet_client *client);

/* A thread that calls, with a check of its own where it has a button. */
typedef struct caller {
    pthread_t thread;
    trillet_client *client;
    call_function call;
    stop_button *button;
    int is_calling;
    char *answer;
    long returned;
} caller;

void start_caller(caller *started, fixture *opened, call_function call, stop_button *button);
/* Its call was ended by the button it has. */
void expect_soon(caller *ended, const char *sent);

#endif
