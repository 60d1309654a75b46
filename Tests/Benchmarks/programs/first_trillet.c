/* The first answer of a new client, COUNT times. */
#include "first.h"
#include "with_trillet.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    for (long index = 0; index < arguments.count; index++) {
        const double started = monotonic_seconds();
        trillet_client *client = open_client(&arguments);
        char *answer = trillet_calls_send(client, arguments.body, NULL);
        check(answer);
        note_latency(&latencies, started);
        trillet_free(answer);
        trillet_client_free(client);
    }
    report_first(&latencies);
    return 0;
}
