/* A fast HTTP server on loopback that fails at random.
 *
 *   fault-server SEED
 *
 * Prints its port and serves until its standard input ends. Every answer holds the token of the
 * request that it answers (`soak-…`, in the target or the body), so that a mixed-up answer shows.
 * One thread and epoll: a program under test in the same process would be slowed by it and would
 * have its descriptors and memory mixed with it. */
#include "fault_answers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256 };

static size_t content_length(const char *head)
{
    const char *line = head;

    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, "content-length:", 15) == 0) {
            return strtoul(line + 15, NULL, 10);
        }
    }
    return 0;
}

static void read_token(const char *request, char *token)
{
    const char *start = strstr(request, "soak-");
    size_t length = start == NULL ? 0 : 5 + strspn(start + 5, "0123456789-");

    if (length >= LONGEST_TOKEN) {
        length = 0;
    }
    memcpy(token, start == NULL ? "" : start, length);
    token[length] = '\0';
}

static int serve_whole_requests(connection *from)
{
    while (from->due == 0) {
        char token[LONGEST_TOKEN];
        char *body = strstr(from->request, "\r\n\r\n");
        size_t length;
        char kept;

        if (body == NULL) {
            return 1;
        }
        *body = '\0';
        length = (size_t)(body + 4 - from->request) + content_length(from->request);
        *body = '\r';
        if (length > LONGEST_REQUEST) {
            connection_end(from, 1);
            return 0;
        }
        if (from->received < length) {
            return 1;
        }
        kept = from->request[length];
        from->request[length] = '\0';
        read_token(from->request, token);
        from->request[length] = kept;
        from->received -= length;
        memmove(from->request, from->request + length, from->received);
        from->request[from->received] = '\0';
        if (!fault_respond(from, token)) {
            return 0;
        }
    }
    return 1;
}

static void receive(connection *from)
{
    ssize_t count = recv(from->socket, from->request + from->received,
                         LONGEST_REQUEST - from->received, 0);

    if (count < 0 && errno == EAGAIN) {
        return;
    }
    if (count <= 0) {
        connection_end(from, 0);
        return;
    }
    from->received += (size_t)count;
    from->request[from->received] = '\0';
    serve_whole_requests(from);
}

static void accept_all(int listener)
{
    int socket;

    while ((socket = accept(listener, NULL, NULL)) >= 0) {
        connection_open(socket);
    }
}

static int listen_on_any_port(void)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0
        || listen(listener, 4096) != 0
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        give_up("fault server");
    }
    fcntl(listener, F_SETFL, O_NONBLOCK);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv)
{
    static connection the_listener, the_input;
    struct epoll_event events[EVENTS];
    struct epoll_event listening = {EPOLLIN, {.ptr = &the_listener}};
    struct epoll_event reading = {EPOLLIN, {.ptr = &the_input}};
    connection *due;
    int index, poller;

    signal(SIGPIPE, SIG_IGN);
    fault_seed(argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
    the_listener.socket = listen_on_any_port();
    poller = connections_start();
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, the_listener.socket, &listening) != 0
        || epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &reading) != 0) {
        give_up("fault server");
    }
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, connections_are_late() ? 2 : 1000);
        for (index = 0; index < count; index++) {
            connection *of = (connection *)events[index].data.ptr;
            if (of == &the_input) {
                return 0;
            }
            if (of == &the_listener) {
                accept_all(of->socket);
            } else if (of->unsent_length > 0) {
                connection_flush(of);
            } else {
                receive(of);
            }
        }
        while ((due = connection_due()) != NULL) {
            fault_answer_well(due, due->token);
        }
    }
}
