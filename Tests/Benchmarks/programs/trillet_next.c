/* Many requests in flight: trillet_submit(), and trillet_next() for their answers. */
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

static struct request *find(struct request *requests, long count, uint64_t id)
{
    for (long index = 0; index < count; index++)
        if (requests[index].id == id)
            return &requests[index];
    check(NULL);
    return NULL;
}

static void send_calls(trillet_client *client, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    const long most = arguments->in_flight;
    struct request *requests = must(calloc((size_t)most, sizeof *requests));
    long begun = 0;
    while (begun < most && begun < count)
        begin(client, &requests[begun++], arguments);
    for (long ended = 0; ended < count; ended++) {
        uint64_t id = 0;
        char *answer = trillet_next(client, 60000, &id);
        check(answer);
        trillet_free(answer);
        struct request *request = find(requests, most, id);
        note_latency(latencies, request->started);
        if (begun < count) {
            begin(client, request, arguments);
            begun++;
        }
    }
    free(requests);
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
