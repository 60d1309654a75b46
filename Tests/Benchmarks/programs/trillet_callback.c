/* Many requests in flight: trillet_submit() with a callback that submits the next request. */
#include "with_trillet.h"

#include <semaphore.h>

struct run {
    trillet_client *client;
    const struct arguments *arguments;
    struct latencies *latencies;
    long begun, ended, count;
    sem_t over;
};

struct request {
    struct run *run;
    double started;
};

static void done(void *user_data, uint64_t id, const char *answer);

static void begin(struct request *request)
{
    const struct run *run = request->run;
    request->started = monotonic_seconds();
    if (trillet_submit(run->client, "calls.send", run->arguments->body, NULL, done, request) == 0)
        check(NULL);
}

static void done(void *user_data, uint64_t id, const char *answer)
{
    struct request *request = (struct request *)user_data;
    struct run *run = request->run;
    (void)id;
    check(answer);
    note_latency(run->latencies, request->started);
    run->ended++;
    if (run->begun < run->count) {
        run->begun++;
        begin(request);
    } else if (run->ended == run->count) {
        sem_post(&run->over);
    }
}

static void send_calls(trillet_client *client, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    const long most = arguments->in_flight;
    const long first = count < most ? count : most;
    struct run run = {.client = client, .arguments = arguments, .latencies = latencies,
                      .begun = first, .count = count};
    struct request *requests = must(calloc((size_t)first, sizeof *requests));
    sem_init(&run.over, 0, 0);
    for (long index = 0; index < first; index++) {
        requests[index].run = &run;
        begin(&requests[index]);
    }
#ifdef DRIVEN
    while (run.ended < count)
        trillet_drive(client, 60000);
#else
    while (sem_wait(&run.over) != 0)
        continue;
#endif
    sem_destroy(&run.over);
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
