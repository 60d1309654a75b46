/* Clients that the threads of a case drive, whatever engine the others have. */
#ifndef DRIVING_H
#define DRIVING_H

#include "fixture.h"

#define CALLER "\"engine\":\"caller\""

/* Does what there is to do until the descriptor is quiet, at most some seconds. 1 when it is. */
int settle(trillet_client *client);

/* How often within the time the descriptor is readable and the client is driven. libcurl may have a
   timer of its own, which is nothing that the host waits for. */
int wakes_within(trillet_client *client, long milliseconds);

/* Whether the descriptor is readable within the time. */
int is_readable_within(trillet_client *client, int milliseconds);

#endif
