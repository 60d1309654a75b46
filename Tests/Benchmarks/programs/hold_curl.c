/* COUNT requests in flight at once by libcurl alone, a handle for each. */
#include "hold.h"
#include "with_curl.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = must(curl_multi_init());
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, arguments.count);
    struct curl_slist *headers = request_headers();
    struct transfer *transfers = must(calloc((size_t)arguments.count, sizeof *transfers));
    wait_until_seen();

    for (long index = 0; index < arguments.count; index++) {
        open_transfer(&transfers[index], &arguments, headers);
        prepare(&transfers[index], &arguments);
        curl_multi_add_handle(multi, transfers[index].handle);
    }
    for (long ended = 0; ended < arguments.count;) {
        int running = 0, left = 0;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
            struct transfer *transfer = NULL;
            if (message->msg != CURLMSG_DONE)
                continue;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            check(transfer, message->data.result);
            curl_multi_remove_handle(multi, transfer->handle);
            ended++;
        }
        if (ended < arguments.count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("answered %ld\n", arguments.count);
    for (long index = 0; index < arguments.count; index++)
        close_transfer(&transfers[index]);
    free(transfers);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return 0;
}
