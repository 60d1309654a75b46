/* 64 requests in flight by libcurl's other interface: curl_multi_socket_action() over epoll. More
 * work to write, and less for each request. */
#include "with_curl.h"

#include <sys/epoll.h>

struct loop {
    CURLM *multi;
    int epoll;
    /* When libcurl wants to be called though no socket is ready; 0 for never. */
    double wake_at;
    int shares_connections;
};

static void must_work(int result)
{
    if (result != 0) {
        fprintf(stderr, "plain libcurl: the event loop failed\n");
        exit(1);
    }
}

static int watch_socket(CURL *handle, curl_socket_t socket, int what, void *context, void *known)
{
    struct loop *loop = context;
    (void)handle;
    if (what == CURL_POLL_REMOVE) {
        /* A socket that is closed already has left by itself. */
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
        return curl_multi_assign(loop->multi, socket, NULL) != CURLM_OK;
    }
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    must_work(epoll_ctl(loop->epoll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event));
    return curl_multi_assign(loop->multi, socket, loop) != CURLM_OK;
}

static int watch_time(CURLM *multi, long milliseconds, void *context)
{
    struct loop *loop = context;
    (void)multi;
    loop->wake_at = milliseconds < 0 ? 0 : monotonic_seconds() + (double)milliseconds / 1000;
    return 0;
}

static void turn(struct loop *loop)
{
    struct epoll_event events[IN_FLIGHT];
    int running = 0, patience = 1000;
    if (loop->wake_at != 0) {
        const double left = (loop->wake_at - monotonic_seconds()) * 1000;
        patience = left <= 0 ? 0 : left < 1000 ? (int)left + 1 : 1000;
    }
    const int count = epoll_wait(loop->epoll, events, IN_FLIGHT, patience);
    for (int index = 0; index < count; index++) {
        int ready = ((events[index].events & EPOLLIN) ? CURL_CSELECT_IN : 0)
            | ((events[index].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0)
            | ((events[index].events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
        /* libcurl 7.88 would hand it to one of the requests that share the connection, and others
         * fail. Told nothing, it looks for itself. */
        if (loop->shares_connections)
            ready = 0;
        curl_multi_socket_action(loop->multi, events[index].data.fd, ready, &running);
    }
    if (loop->wake_at != 0 && monotonic_seconds() >= loop->wake_at) {
        loop->wake_at = 0;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

static void begin(struct loop *loop, struct transfer *transfer, const struct arguments *arguments)
{
    prepare(transfer, arguments);
    must_work(curl_multi_add_handle(loop->multi, transfer->handle));
}

static void send_calls(struct loop *loop, struct transfer *transfers,
                       const struct arguments *arguments, long count, struct latencies *latencies)
{
    long begun = 0, ended = 0;
    while (begun < arguments->in_flight && begun < count)
        begin(loop, &transfers[begun++], arguments);
    while (ended < count) {
        int left = 0;
        turn(loop);
        for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
            struct transfer *transfer = NULL;
            if (message->msg != CURLMSG_DONE)
                continue;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            check(transfer, message->data.result);
            note_latency(latencies, transfer->started);
            curl_multi_remove_handle(loop->multi, transfer->handle);
            ended++;
            if (begun < count) {
                begin(loop, transfer, arguments);
                begun++;
            }
        }
    }
}

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc, argv);
    struct latencies latencies = new_latencies(arguments.count);
    curl_global_init(CURL_GLOBAL_ALL);
    struct loop loop = {must(curl_multi_init()), epoll_create1(0), 0, arguments.ca_file != NULL};
    must_work(loop.epoll < 0);
    curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, arguments.in_flight);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, watch_time);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
    struct curl_slist *headers = request_headers();
    struct transfer *transfers = must(calloc((size_t)arguments.in_flight, sizeof *transfers));
    for (long index = 0; index < arguments.in_flight; index++)
        open_transfer(&transfers[index], &arguments, headers);

    send_calls(&loop, transfers, &arguments, arguments.warm_up, NULL);
    const struct measurement start = start_measurement();
    send_calls(&loop, transfers, &arguments, arguments.count, &latencies);
    report(start, &latencies);

    for (long index = 0; index < arguments.in_flight; index++)
        close_transfer(&transfers[index]);
    free(transfers);
    curl_multi_cleanup(loop.multi);
    curl_slist_free_all(headers);
    return 0;
}
