/*
 * Answers each request DELAY milliseconds after it has come, on connections that are kept alive.
 *
 *   delaying_server DELAY ANSWER
 *
 * Prints its port; for every line of input the numbers of requests and connections so far. As long
 * as its core is not busy, the client is what limits the rate, or the delay.
 */
#include "server.h"

#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST_EVENTS = 256, MOST_WAITING = 1 << 15 };

/* All wait equally long, so the first that came is the first that is due: a ring. */
static struct {
    int64_t due;
    struct connection *connection;
} waiting[MOST_WAITING];
static unsigned first, last;
static long requests, connections;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void answer_due(const struct answer *answer)
{
    const int64_t time = now();
    for (; first != last && waiting[first % MOST_WAITING].due <= time; first++) {
        struct connection *connection = waiting[first % MOST_WAITING].connection;
        send_answer(connection, answer);
    }
}

static int wait_for_events(int epoll, struct epoll_event *events)
{
    if (first == last)
        return epoll_wait(epoll, events, MOST_EVENTS, -1);
    const int64_t due = waiting[first % MOST_WAITING].due - now();
    const int64_t left = due > 0 ? due : 0;
    const struct timespec patience = {left / 1000000000, left % 1000000000};
    return epoll_pwait2(epoll, events, MOST_EVENTS, &patience, NULL);
}

static void receive_from(struct connection *connection, int64_t delay)
{
    const int whole = receive(connection);
    if (whole < 0) {
        /* A client that leaves has its answers, so nothing here points to it any more. */
        close(connection->socket);
        free(connection);
    } else if (whole) {
        must(last - first < MOST_WAITING, "too many requests wait");
        waiting[last % MOST_WAITING].due = now() + delay;
        waiting[last++ % MOST_WAITING].connection = connection;
        requests++;
    }
}

static void tell(void)
{
    char line[64];
    if (read(STDIN_FILENO, line, sizeof line) <= 0)
        exit(0);
    printf("%ld %ld\n", requests, connections);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const long milliseconds = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (milliseconds < 1 || milliseconds > 10000) {
        fprintf(stderr, "usage: %s DELAY_IN_MILLISECONDS ANSWER\n", argv[0]);
        return 2;
    }
    static struct answer answer;
    make_answer(&answer, argv[2]);
    struct rlimit files;
    must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
    files.rlim_cur = files.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
    const int epoll = epoll_create1(0);
    must(epoll >= 0, "epoll");
    const int listener = listen_on_loopback();
    int input;
    watch(epoll, listener, NULL);
    watch(epoll, STDIN_FILENO, &input);
    for (;;) {
        struct epoll_event events[MOST_EVENTS];
        const int ready = wait_for_events(epoll, events);
        for (int index = 0; index < ready; index++) {
            if (events[index].data.ptr == NULL)
                connections += accept_all(listener, epoll);
            else if (events[index].data.ptr == &input)
                tell();
            else
                receive_from(events[index].data.ptr, (int64_t)milliseconds * 1000000);
        }
        answer_due(&answer);
    }
}
