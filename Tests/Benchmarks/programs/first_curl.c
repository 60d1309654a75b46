/* The first answer of a new easy handle, COUNT times. */
#include "first.h"
#include "with_curl.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    curl_global_init(CURL_GLOBAL_ALL);
    struct curl_slist *headers = request_headers();
    for (long index = 0; index < arguments.count; index++) {
        const double started = monotonic_seconds();
        struct transfer transfer;
        open_transfer(&transfer, &arguments, headers);
        prepare(&transfer, &arguments);
        check(&transfer, curl_easy_perform(transfer.handle));
        note_latency(&latencies, started);
        close_transfer(&transfer);
    }
    report_first(&latencies);
    curl_slist_free_all(headers);
    return 0;
}
