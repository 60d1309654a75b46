/* 16 threads that call trillet_calls_send() on one client. */
#include "threads.h"
#include "with_trillet.h"

struct context {
    const struct arguments *arguments;
    trillet_client *client;
};

static void send_calls(void *user_data, long count, struct latencies *latencies)
{
    const struct context *context = (const struct context *)user_data;
    for (long index = 0; index < count; index++) {
        const double started = monotonic_seconds();
        char *answer = trillet_calls_send(context->client, context->arguments->body, NULL);
        check(answer);
        trillet_free(answer);
        note_latency(latencies, started);
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct context context = {&arguments, open_client(&arguments)};
    void *pointers[THREADS];
    for (int index = 0; index < THREADS; index++)
        pointers[index] = &context;

    measure_threads(arguments.count, send_calls, pointers);

    trillet_client_free(context.client);
    return 0;
}
