/* The baseline of many requests in flight: a handle for each, used again and again, in the loop that
 * libcurl's own examples show. */
#include "with_curl.h"

static void begin(CURLM *multi, struct transfer *transfer, const struct arguments *arguments)
{
    prepare(transfer, arguments);
    if (curl_multi_add_handle(multi, transfer->handle) != CURLM_OK) {
        fprintf(stderr, "plain libcurl: cannot add a handle\n");
        exit(1);
    }
}

static void send_calls(CURLM *multi, struct transfer *transfers,
                       const struct arguments *arguments, long count, struct latencies *latencies)
{
    long begun = 0, ended = 0;
    while (begun < arguments->in_flight && begun < count)
        begin(multi, &transfers[begun++], arguments);
    while (ended < count) {
        int running = 0, left = 0;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
            struct transfer *transfer = NULL;
            if (message->msg != CURLMSG_DONE)
                continue;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            check(transfer, message->data.result);
            note_latency(latencies, transfer->started);
            curl_multi_remove_handle(multi, transfer->handle);
            ended++;
            if (begun < count) {
                begin(multi, transfer, arguments);
                begun++;
            }
        }
        if (ended < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = must(curl_multi_init());
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, arguments.in_flight);
    struct curl_slist *headers = request_headers();
    struct transfer *transfers = must(calloc((size_t)arguments.in_flight, sizeof *transfers));
    for (long index = 0; index < arguments.in_flight; index++)
        open_transfer(&transfers[index], &arguments, headers);

    send_calls(multi, transfers, &arguments, arguments.warm_up, NULL);
    const struct measurement start = start_measurement();
    send_calls(multi, transfers, &arguments, arguments.count, &latencies);
    report(start, &latencies);

    for (long index = 0; index < arguments.in_flight; index++)
        close_transfer(&transfers[index]);
    free(transfers);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return 0;
}
