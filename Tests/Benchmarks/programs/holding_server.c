/*
 * Answers nothing until COUNT requests wait, then all of them: with 64 the client works in waves
 * whose every step is the same at every run, and with thousands somebody can look at a client with
 * all of them in flight.
 *
 *   holding_server COUNT ask|answer ANSWER
 *
 * Prints its port. With "ask" it prints "holding" when all are there and waits for a line of input.
 */
#include "server.h"

int main(int argc, char **argv)
{
    const long count = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
    if (count < 1 || count > 100000) {
        fprintf(stderr, "usage: %s COUNT ask|answer ANSWER\n", argv[0]);
        return 2;
    }
    const int ask = strcmp(argv[2], "ask") == 0;
    static struct answer answer;
    make_answer(&answer, argv[3]);

    struct connection **waiting = calloc((size_t)count, sizeof *waiting);
    const int epoll = epoll_create1(0);
    must(waiting != NULL && epoll >= 0, "epoll");
    const int listener = listen_on_loopback();
    watch(epoll, listener, NULL);

    for (long held = 0;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(epoll, events, 64, -1);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                accept_all(listener, epoll);
                continue;
            }
            const int whole = receive(connection);
            if (whole < 0) {
                close(connection->socket);
                free(connection);
            } else if (whole) {
                waiting[held++] = connection;
                if (held < count)
                    continue;
                if (ask) {
                    printf("holding\n");
                    fflush(stdout);
                    while (getchar() != '\n')
                        continue;
                }
                for (long each = 0; each < held; each++)
                    send_answer(waiting[each], &answer);
                held = 0;
            }
        }
    }
}
