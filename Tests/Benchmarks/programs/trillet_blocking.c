/* One request at a time through trillet_calls_send(). */
#include "with_trillet.h"

static void send_calls(trillet_client *client, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    for (long index = 0; index < count; index++) {
        const double started = monotonic_seconds();
        char *answer = trillet_calls_send(client, arguments->body, NULL);
        check(answer);
        trillet_free(answer);
        note_latency(latencies, started);
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    trillet_client *client = open_client(&arguments);

    send_calls(client, &arguments, arguments.warm_up, NULL);
    const struct measurement start = start_measurement();
    send_calls(client, &arguments, arguments.count, &latencies);
    report(start, &latencies);

    trillet_client_free(client);
    return 0;
}
