#include "driving.h"

#include "process.h"

#include <poll.h>

enum { SETTLE_MILLISECONDS = 5000, QUIET_MILLISECONDS = 20 };

int is_readable_within(trillet_client *client, int milliseconds)
{
    struct pollfd watched = {trillet_completion_fd(client), POLLIN, 0};

    return poll(&watched, 1, milliseconds) == 1 && (watched.revents & POLLIN) != 0;
}

int settle(trillet_client *client)
{
    long end = monotonic_milliseconds() + SETTLE_MILLISECONDS;

    while (is_readable_within(client, QUIET_MILLISECONDS)) {
        if (monotonic_milliseconds() > end) {
            return 0;
        }
        trillet_drive(client, 0);
    }
    return 1;
}

int wakes_within(trillet_client *client, long milliseconds)
{
    long end = monotonic_milliseconds() + milliseconds;
    long left = milliseconds;
    int wakes = 0;

    while (left > 0) {
        if (is_readable_within(client, (int)left)) {
            wakes++;
            trillet_drive(client, 0);
        }
        left = end - monotonic_milliseconds();
    }
    return wakes;
}
