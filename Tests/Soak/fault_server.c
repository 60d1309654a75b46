/* A fast HTTP server on loopback that fails at random.
 *
 *   fault-server SEED
 *
 * Prints its port and serves until its standard input ends. Every answer holds the token of the
 * request that it answers (`soak-…`, in the target or the body), so that a mixed-up answer shows.
 * One thread and epoll: a program under test in the same process would be slowed by it and would
 * have its descriptors and memory mixed with it. */
#include "chance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 64 * 1024, LONGEST_TOKEN = 64, LARGE_BODY = 96 * 1024, EVENTS = 256 };

enum fault {
    ANSWERED,
    ANSWERED_IN_CHUNKS,
    ANSWERED_AND_CLOSED,
    ANSWERED_LATE,
    ANSWERED_AT_LENGTH,
    SILENT,
    CLOSED,
    RESET,
    CUT_IN_HEAD,
    CUT_IN_BODY,
    NOT_JSON,
    NOT_HTTP,
    NOT_FOUND,
    TOO_MANY,
    TOO_MANY_FOR_A_SECOND,
    FAILED,
    BUSY,
    BUSY_FOR_NOW
};

/* Of 100,000 requests. The others are answered. */
static const struct {
    enum fault fault;
    unsigned frequency;
} mixture[] = {
    {ANSWERED_IN_CHUNKS, 3000}, {ANSWERED_AND_CLOSED, 500}, {ANSWERED_LATE, 2000},
    {ANSWERED_AT_LENGTH, 300},  {SILENT, 100},              {CLOSED, 1000},
    {RESET, 1000},              {CUT_IN_HEAD, 300},         {CUT_IN_BODY, 500},
    {NOT_JSON, 500},            {NOT_HTTP, 100},            {NOT_FOUND, 1000},
    {TOO_MANY, 500},            {TOO_MANY_FOR_A_SECOND, 2}, {FAILED, 500},
    {BUSY, 500},                {BUSY_FOR_NOW, 500},
};

typedef struct connection {
    int socket;
    size_t received;
    char request[LONGEST_REQUEST + 1];
    char *unsent;
    size_t unsent_length;
    int closes;
    /* A late answer: its token waits here until the time has come. */
    int64_t due;
    char token[LONGEST_TOKEN];
    struct connection *next_late;
} connection;

static int poller;
static chance dice;
static connection *late;

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Ends */

static void forget_late(connection *gone)
{
    connection **each = &late;

    while (*each != NULL && *each != gone) {
        each = &(*each)->next_late;
    }
    if (*each != NULL) {
        *each = gone->next_late;
    }
}

static void end(connection *ended, int reset)
{
    struct linger at_once = {1, 0};

    if (reset) {
        setsockopt(ended->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    if (ended->due != 0) {
        forget_late(ended);
    }
    close(ended->socket);
    free(ended->unsent);
    free(ended);
}

/* Answers. Each function that gets a connection returns 0 when it has ended it. */

static int flush(connection *to)
{
    size_t sent = 0;
    struct epoll_event event = {EPOLLIN, {.ptr = to}};

    while (sent < to->unsent_length) {
        ssize_t count = send(to->socket, to->unsent + sent, to->unsent_length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) {
            break;
        }
        if (count < 0) {
            end(to, 1);
            return 0;
        }
        sent += (size_t)count;
    }
    to->unsent_length -= sent;
    memmove(to->unsent, to->unsent + sent, to->unsent_length);
    if (to->unsent_length > 0) {
        event.events |= EPOLLOUT;
    } else {
        free(to->unsent);
        to->unsent = NULL;
        if (to->closes) {
            end(to, 0);
            return 0;
        }
    }
    epoll_ctl(poller, EPOLL_CTL_MOD, to->socket, &event);
    return 1;
}

static int transmit(connection *to, const char *bytes, size_t length)
{
    ssize_t count = send(to->socket, bytes, length, MSG_NOSIGNAL);

    if (count < 0 && errno != EAGAIN) {
        end(to, 1);
        return 0;
    }
    if (count < 0) {
        count = 0;
    }
    if ((size_t)count < length) {
        to->unsent_length = length - (size_t)count;
        to->unsent = (char *)malloc(to->unsent_length);
        if (to->unsent == NULL) {
            give_up("fault server");
        }
        memcpy(to->unsent, bytes + count, to->unsent_length);
        return flush(to);
    }
    if (to->closes) {
        end(to, 0);
        return 0;
    }
    return 1;
}

static int answer(connection *to, int status, const char *headers, const char *body, size_t length)
{
    static char text[LARGE_BODY + 1024];
    int head = snprintf(text, 1024,
                        "HTTP/1.1 %d Soaked\r\nContent-Type: application/json\r\n%s"
                        "Content-Length: %zu\r\n\r\n",
                        status, headers, length);

    memcpy(text + head, body, length);
    return transmit(to, text, (size_t)head + length);
}

static int answer_well(connection *to, const char *token)
{
    char body[256];
    int length = snprintf(body, sizeof body, "{\"token\":\"%s\",\"status\":\"queued\"}", token);

    return answer(to, 200, "", body, (size_t)length);
}

static int refuse(connection *to, int status, const char *headers, const char *token)
{
    char body[256];
    int length = snprintf(body, sizeof body, "{\"error\":\"Refused\",\"details\":\"%s\"}", token);

    return answer(to, status, headers, body, (size_t)length);
}

static int answer_in_chunks(connection *to, const char *token)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\na\r\n{\"token\":\"\r\n%zx\r\n%s\r\n"
                          "2\r\n\"}\r\n0\r\n\r\n",
                          strlen(token), token);

    return transmit(to, text, (size_t)length);
}

static int answer_at_length(connection *to, const char *token)
{
    static char body[LARGE_BODY];
    int start = snprintf(body, sizeof body, "{\"token\":\"%s\",\"text\":\"", token);

    memset(body + start, 'x', sizeof body - (size_t)start);
    memcpy(body + sizeof body - 2, "\"}", 2);
    return answer(to, 200, "", body, sizeof body);
}

static int cut(connection *to, const char *token, int in_head)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Content-Length: 200\r\n\r\n{\"token\":\"%s\"",
                          token);

    to->closes = 1;
    return transmit(to, text, in_head ? 40 : (size_t)length);
}

static int answer_late(connection *to, const char *token)
{
    to->due = milliseconds() + 1 + (int64_t)chance_below(&dice, 40);
    snprintf(to->token, sizeof to->token, "%s", token);
    to->next_late = late;
    late = to;
    return 1;
}

static void answer_those_that_are_due(void)
{
    int64_t now = milliseconds();
    connection *each = late;

    while (each != NULL) {
        connection *next = each->next_late;
        if (each->due <= now) {
            forget_late(each);
            each->due = 0;
            answer_well(each, each->token);
        }
        each = next;
    }
}

static enum fault roll(void)
{
    unsigned number = chance_below(&dice, 100000);
    size_t index;

    for (index = 0; index < sizeof mixture / sizeof *mixture; index++) {
        if (number < mixture[index].frequency) {
            return mixture[index].fault;
        }
        number -= mixture[index].frequency;
    }
    return ANSWERED;
}

static int respond(connection *to, const char *token)
{
    switch (roll()) {
    case ANSWERED: return answer_well(to, token);
    case ANSWERED_IN_CHUNKS: return answer_in_chunks(to, token);
    case ANSWERED_AND_CLOSED: to->closes = 1; return answer_well(to, token);
    case ANSWERED_LATE: return answer_late(to, token);
    case ANSWERED_AT_LENGTH: return answer_at_length(to, token);
    case SILENT: return 1;
    case CLOSED: end(to, 0); return 0;
    case RESET: end(to, 1); return 0;
    case CUT_IN_HEAD: return cut(to, token, 1);
    case CUT_IN_BODY: return cut(to, token, 0);
    case NOT_JSON: return answer(to, 200, "", "{\"token\":", 9);
    case NOT_HTTP: to->closes = 1; return transmit(to, "SOAK/9 what?\r\n\r\n", 16);
    case NOT_FOUND: return refuse(to, 404, "", token);
    case TOO_MANY: return refuse(to, 429, "", token);
    case TOO_MANY_FOR_A_SECOND: return refuse(to, 429, "Retry-After: 1\r\n", token);
    case FAILED: return refuse(to, 500, "", token);
    case BUSY: return refuse(to, 503, "", token);
    case BUSY_FOR_NOW: return refuse(to, 503, "Retry-After: 0\r\n", token);
    }
    return 1;
}

/* Requests */

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
            end(from, 1);
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
        if (!respond(from, token)) {
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
        end(from, 0);
        return;
    }
    from->received += (size_t)count;
    from->request[from->received] = '\0';
    serve_whole_requests(from);
}

static void accept_all(int listener)
{
    int socket;
    int yes = 1;

    while ((socket = accept(listener, NULL, NULL)) >= 0) {
        connection *made = (connection *)calloc(1, sizeof *made);
        struct epoll_event event = {EPOLLIN, {.ptr = made}};
        if (made == NULL) {
            give_up("fault server");
        }
        made->socket = socket;
        fcntl(socket, F_SETFL, O_NONBLOCK);
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) != 0) {
            give_up("fault server");
        }
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
    int index;

    signal(SIGPIPE, SIG_IGN);
    dice = chance_seeded(argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
    the_listener.socket = listen_on_any_port();
    poller = epoll_create1(0);
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, the_listener.socket, &listening) != 0
        || epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &reading) != 0) {
        give_up("fault server");
    }
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, late == NULL ? 1000 : 2);
        for (index = 0; index < count; index++) {
            connection *of = (connection *)events[index].data.ptr;
            if (of == &the_input) {
                return 0;
            }
            if (of == &the_listener) {
                accept_all(of->socket);
            } else if (of->unsent_length > 0) {
                flush(of);
            } else {
                receive(of);
            }
        }
        answer_those_that_are_due();
    }
}
