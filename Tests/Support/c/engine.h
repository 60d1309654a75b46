/* The engine of the clients that the tests make: with TRILLET_TEST_ENGINE=caller the tests' own threads
   send submitted requests. Whatever waits for the library goes through here, and drives the client. */
#ifndef ENGINE_H
#define ENGINE_H

#include "trillet.h"

int caller_drives(void);

/* The option and a comma; "" where it is the default, or `more` has it already. */
const char *engine_option(const char *more);

/* Waits until a request has ended, at most so long; a client with a thread needs no help, and an
   answer that waits already ends the wait soon. */
void drive_once(trillet_client *client, long milliseconds);

/* Lets so much time pass, in which the client does what there is to do. */
void pass_time(trillet_client *client, long milliseconds);

/* Whether an answer waits within the time, by poll() and trillet_completion_fd(). */
int is_answered_within(trillet_client *client, int milliseconds);

/* Drives a client on a thread of its own from start to stop. */
typedef struct driver driver;
driver *driver_start(trillet_client *client);
void driver_stop(driver *started);

#endif
