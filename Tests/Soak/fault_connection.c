#include "fault_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int poller = -1;
static connection *late;

void give_up(const char *what)
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

int connections_start(void)
{
    poller = epoll_create1(0);
    return poller;
}

void connection_open(int socket)
{
    connection *made = (connection *)calloc(1, sizeof *made);
    struct epoll_event event = {EPOLLIN, {.ptr = made}};
    int yes = 1;

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

void connection_end(connection *ended, int reset)
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

int connection_flush(connection *to)
{
    size_t sent = 0;
    struct epoll_event event = {EPOLLIN, {.ptr = to}};

    while (sent < to->unsent_length) {
        ssize_t count = send(to->socket, to->unsent + sent, to->unsent_length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) {
            break;
        }
        if (count < 0) {
            connection_end(to, 1);
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
            connection_end(to, 0);
            return 0;
        }
    }
    epoll_ctl(poller, EPOLL_CTL_MOD, to->socket, &event);
    return 1;
}

int connection_transmit(connection *to, const char *bytes, size_t length)
{
    ssize_t count = send(to->socket, bytes, length, MSG_NOSIGNAL);

    if (count < 0 && errno != EAGAIN) {
        connection_end(to, 1);
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
        return connection_flush(to);
    }
    if (to->closes) {
        connection_end(to, 0);
        return 0;
    }
    return 1;
}

void connection_answer_late(connection *to, const char *token, int64_t after_milliseconds)
{
    to->due = milliseconds() + after_milliseconds;
    snprintf(to->token, sizeof to->token, "%s", token);
    to->next_late = late;
    late = to;
}

connection *connection_due(void)
{
    int64_t now = milliseconds();
    connection *each = late;

    while (each != NULL && each->due > now) {
        each = each->next_late;
    }
    if (each != NULL) {
        forget_late(each);
        each->due = 0;
    }
    return each;
}

int connections_are_late(void)
{
    return late != NULL;
}
