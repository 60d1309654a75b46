/* The baseline of 16 threads: each has a handle of its own. */
#include "threads.h"
#include "with_curl.h"

struct context {
    const struct arguments *arguments;
    struct transfer transfer;
};

static void send_calls(void *user_data, long count, struct latencies *latencies)
{
    struct context *context = (struct context *)user_data;
    for (long index = 0; index < count; index++) {
        prepare(&context->transfer, context->arguments);
        check(&context->transfer, curl_easy_perform(context->transfer.handle));
        note_latency(latencies, context->transfer.started);
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    struct curl_slist *headers = request_headers();
    struct context contexts[THREADS];
    void *pointers[THREADS];
    for (int index = 0; index < THREADS; index++) {
        contexts[index].arguments = &arguments;
        open_transfer(&contexts[index].transfer, &arguments, headers);
        pointers[index] = &contexts[index];
    }

    measure_threads(arguments.count, send_calls, pointers);

    for (int index = 0; index < THREADS; index++)
        close_transfer(&contexts[index].transfer);
    curl_slist_free_all(headers);
    return 0;
}
