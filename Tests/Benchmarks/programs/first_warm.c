/* The first answer of a new client whose connection is open already, COUNT times. */
#include "first.h"
#include "with_trillet.h"

static void warm(trillet_client *client)
{
    static const char success[] = "{\"ok\":true,";
    char *answer = trillet_client_warm(client, 1, 30000);
    if (strncmp(answer, success, sizeof success - 1) != 0) {
        fprintf(stderr, "libtrillet: %s\n", answer);
        exit(1);
    }
    trillet_free(answer);
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    for (long index = 0; index < arguments.count; index++) {
        trillet_client *client = open_client(&arguments);
        warm(client);
        const double started = monotonic_seconds();
        char *answer = trillet_calls_send(client, arguments.body, NULL);
        check(answer);
        note_latency(&latencies, started);
        trillet_free(answer);
        trillet_client_free(client);
    }
    report_first(&latencies);
    return 0;
}
