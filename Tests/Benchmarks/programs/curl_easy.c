/* The baseline of one request at a time: one handle used again and again. */
#include "with_curl.h"

static void send_calls(struct transfer *transfer, const struct arguments *arguments, long count,
                       struct latencies *latencies)
{
    for (long index = 0; index < count; index++) {
        prepare(transfer, arguments);
        check(transfer, curl_easy_perform(transfer->handle));
        note_latency(latencies, transfer->started);
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    curl_global_init(CURL_GLOBAL_ALL);
    struct curl_slist *headers = request_headers();
    struct transfer transfer;
    open_transfer(&transfer, &arguments, headers);

    send_calls(&transfer, &arguments, arguments.warm_up, NULL);
    const struct measurement start = start_measurement();
    send_calls(&transfer, &arguments, arguments.count, &latencies);
    report(start, &latencies);

    close_transfer(&transfer);
    curl_slist_free_all(headers);
    return 0;
}
