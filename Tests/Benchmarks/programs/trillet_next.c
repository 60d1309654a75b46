/* Many requests in flight: trillet_submit(), and trillet_next() for their answers. */
#include "with_trillet.h"

struct request {
    uint64_t id;
    double started;
    struct request *next;
};

/* Requests under way by their ids: an answer of thousands is found without a search. */
struct requests {
    struct request **lists;
    uint64_t mask;
};

static void begin(trillet_client *client, struct requests *requests, struct request *request,
                  const struct arguments *arguments)
{
    request->started = monotonic_seconds();
    request->id = trillet_submit(client, "calls.send", arguments->body, NULL, NULL, NULL);
    if (request->id == 0)
        check(NULL);
    struct request **list = &requests->lists[request->id & requests->mask];
    request->next = *list;
    *list = request;
}

static struct request *take(struct requests *requests, uint64_t id)
{
    struct request **link = &requests->lists[id & requests->mask];
    while (*link != NULL && (*link)->id != id)
        link = &(*link)->next;
    struct request *found = *link;
    if (found == NULL)
        check(NULL);
    *link = found->next;
    return found;
}

static void send_calls(trillet_client *client, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    const long most = arguments->in_flight;
    struct requests requests = {NULL, 1};
    while (requests.mask < (uint64_t)most)
        requests.mask = requests.mask * 2 + 1;
    requests.lists = must(calloc((size_t)requests.mask + 1, sizeof *requests.lists));
    struct request *each = must(calloc((size_t)most, sizeof *each));
    long begun = 0;
    while (begun < most && begun < count)
        begin(client, &requests, &each[begun++], arguments);
    for (long ended = 0; ended < count; ended++) {
        uint64_t id = 0;
        char *answer = trillet_next(client, 60000, &id);
        check(answer);
        trillet_free(answer);
        struct request *request = take(&requests, id);
        note_latency(latencies, request->started);
        if (begun < count) {
            begin(client, &requests, request, arguments);
            begun++;
        }
    }
    free(each);
    free(requests.lists);
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
