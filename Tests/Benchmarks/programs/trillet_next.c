/* 64 requests in flight: trillet_submit(), and trillet_next() for their answers. */
#include "with_trillet.h"

struct request {
    uint64_t id;
    double started;
};

static void begin(trillet_client *client, struct request *request,
                  const struct arguments *arguments)
{
    request->started = monotonic_seconds();
    request->id = trillet_submit(client, "calls.send", arguments->body, NULL, NULL, NULL);
    if (request->id == 0)
        check(NULL);
}

static struct request *find(struct request *requests, uint64_t id)
{
    for (int index = 0; index < IN_FLIGHT; index++)
        if (requests[index].id == id)
            return &requests[index];
    check(NULL);
    return NULL;
}

static void send_calls(trillet_client *client, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    struct request requests[IN_FLIGHT];
    long begun = 0;
    memset(requests, 0, sizeof requests);
    while (begun < IN_FLIGHT && begun < count)
        begin(client, &requests[begun++], arguments);
    for (long ended = 0; ended < count; ended++) {
        uint64_t id = 0;
        char *answer = trillet_next(client, 60000, &id);
        check(answer);
        trillet_free(answer);
        struct request *request = find(requests, id);
        note_latency(latencies, request->started);
        if (begun < count) {
            begin(client, request, arguments);
            begun++;
        }
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    trillet_client *client = open_client(&arguments, IN_FLIGHT);

    send_calls(client, &arguments, WARM_UP, NULL);
    const struct measurement start = start_measurement();
    send_calls(client, &arguments, arguments.count, &latencies);
    report(start, &latencies);

    trillet_client_free(client);
    return 0;
}
