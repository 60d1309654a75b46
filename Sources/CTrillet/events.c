#include "shims.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int shim_event_new(void)
{
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return event < 0 ? -errno : event;
}

void shim_event_set(int event)
{
    const uint64_t one = 1;
    ssize_t written;
    do
        written = write(event, &one, sizeof one);
    while (written < 0 && errno == EINTR);
}

void shim_event_clear(int event)
{
    uint64_t count;
    ssize_t got;
    do
        got = read(event, &count, sizeof count);
    while (got < 0 && errno == EINTR);
}

int shim_timer_new(void)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return timer < 0 ? -errno : timer;
}

void shim_timer_set(int timer, int64_t monotonic_microseconds)
{
    struct itimerspec when = {0};
    when.it_value.tv_sec = (time_t)(monotonic_microseconds / 1000000);
    when.it_value.tv_nsec = (long)(monotonic_microseconds % 1000000) * 1000;
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

void shim_descriptor_close(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

int shim_poller_new(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    return poller < 0 ? -errno : poller;
}

static uint32_t events_of(int interest)
{
    uint32_t events = 0;
    if (interest & SHIM_READABLE)
        events |= EPOLLIN;
    if (interest & SHIM_WRITABLE)
        events |= EPOLLOUT;
    return events;
}

int shim_poller_watch(int poller, int descriptor, int interest, int is_watched)
{
    struct epoll_event event = {.events = events_of(interest), .data.fd = descriptor};
    int operation = is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(poller, operation, descriptor, &event) == 0)
        return 1;
    if (errno == EEXIST)
        return epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event) == 0;
    if (errno == ENOENT)
        return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0;
    return 0;
}

void shim_poller_forget(int poller, int descriptor)
{
    struct epoll_event unused = {0};
    epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &unused);
}

#ifdef SYS_epoll_wait
static int wait_for_events(int poller, struct epoll_event *events, int capacity, int milliseconds)
{
    return (int)syscall(SYS_epoll_wait, poller, events, capacity, milliseconds);
}
#else
static int wait_for_events(int poller, struct epoll_event *events, int capacity, int milliseconds)
{
    return (int)syscall(SYS_epoll_pwait, poller, events, capacity, milliseconds, NULL, _NSIG / 8);
}
#endif

/* The system call alone: the C library's function would be the place where a thread is cancelled, while
   it holds the loop. */
static int wait_with_state(int poller, struct epoll_event *events, int capacity, int milliseconds,
                           int cancel_state)
{
    int before, unused;
    pthread_setcancelstate(cancel_state, &before);
    int count = wait_for_events(poller, events, capacity, milliseconds);
    int error = errno;
    pthread_setcancelstate(before, &unused);
    errno = error;
    return count;
}

int shim_poller_wait(int poller, shim_ready *ready, int capacity, int timeout_milliseconds,
                     int cancel_state)
{
    struct epoll_event events[SHIM_MOST_READY];
    if (capacity > SHIM_MOST_READY)
        capacity = SHIM_MOST_READY;
    int count = wait_with_state(poller, events, capacity, timeout_milliseconds, cancel_state);
    for (int index = 0; index < count; index++) {
        uint32_t happened = events[index].events;
        ready[index].descriptor = events[index].data.fd;
        ready[index].happened = ((happened & EPOLLIN) ? SHIM_READABLE : 0)
            | ((happened & EPOLLOUT) ? SHIM_WRITABLE : 0)
            | ((happened & (EPOLLERR | EPOLLHUP)) ? SHIM_BROKEN : 0);
    }
    if (count >= 0)
        return count;
    return errno == EINTR ? -1 : 0;
}

int shim_is_shortage(int error_number)
{
    return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
}

/* The other end has closed an idle connection, or has written to it without being asked, which would be
   taken for the answer to the next request. Older versions of libcurl overlook that: they see only an
   end with nothing before it, and TLS writes a notice before the end. So this leaves just the end for
   them to see. docs/decisions.md, quiet-connections. */
enum { MOST_DISCARDED = 1 << 24 };

int shim_socket_end_unless_quiet(int descriptor)
{
    char first;
    ssize_t count;
    do
        count = recv(descriptor, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return errno != EAGAIN && errno != EWOULDBLOCK;
    shutdown(descriptor, SHUT_RDWR);
    while (count > 0)
        count = recv(descriptor, NULL, MOST_DISCARDED, MSG_TRUNC | MSG_DONTWAIT);
    return 1;
}

int shim_socket_is_open(int descriptor)
{
    struct pollfd state = {descriptor, POLLRDHUP, 0};
    /* Errors and hang-ups are reported without being asked for. */
    return poll(&state, 1, 0) == 0;
}
