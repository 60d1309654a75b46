/* SIGPIPE and the host's own signals. */
#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

/* Answers that break off, and requests that are refused while they are still being written: the
   service resets a connection on which more than it wants arrives. */
static void meet_closed_connections(trillet_client *client)
{
    static const char *const faults[] = {"\"fault\":\"close\"", "\"fault\":\"half\"",
                                         "\"fault\":\"reset\""};
    char *filling = text_repeat('x', 4000000);
    char *large = text_format("{\"text\":\"%s\"}", filling);
    const char *tag = service_tag("closed");
    int index;

    for (index = 0; index < 12; index++) {
        char *request = echo_request(tag, index, faults[index % 3]);
        trillet_free(trillet_call(client, "POST /echo", request, NULL));
        trillet_free(trillet_call(client, "POST /refuse", large, NULL));
        free(request);
    }
    for (index = 0; index < 3; index++) {
        burst *broken = burst_start(client, tag, 16, faults[index]);
        CHECK(burst_wait(broken));
        burst_expect_order(broken);
        CHECK_NUMBER(burst_own(broken), 0);
        burst_free(broken);
        CHECK(trillet_submit(client, "POST /refuse", large, NULL, ignore_answer, NULL) != 0);
    }
    CHECK(echo(client, tag, 1, ""));
    CHECK_NUMBER(trillet_client_close(client, 10000), 0);
    trillet_client_free(client);
    free(large);
    free(filling);
}

static void closed_connections_raise_no_signal(const void *argument)
{
    struct sigaction disposition;

    CHECK_NUMBER(sigaction(SIGPIPE, NULL, &disposition), 0);
    CHECK(disposition.sa_handler == SIG_DFL);
    meet_closed_connections(service_client(*(const enum door *)argument, "\"maxRetries\":0"));
}

static volatile sig_atomic_t pipe_signals;

static void count_pipe_signal(int number)
{
    (void)number;
    pipe_signals++;
}

static void a_handler_of_the_host_hears_nothing(const void *argument)
{
    struct sigaction handler;

    memset(&handler, 0, sizeof handler);
    handler.sa_handler = count_pipe_signal;
    sigaction(SIGPIPE, &handler, NULL);
    meet_closed_connections(service_client(*(const enum door *)argument, "\"maxRetries\":0"));
    CHECK_NUMBER(pipe_signals, 0);
    raise(SIGPIPE);
    CHECK_NUMBER(pipe_signals, 1);
}

static void a_pending_signal_stays(const void *argument)
{
    const struct timespec at_once = {0, 0};
    sigset_t only_pipe;
    sigset_t pending;

    sigemptyset(&only_pipe);
    sigaddset(&only_pipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &only_pipe, NULL);
    raise(SIGPIPE);
    meet_closed_connections(service_client(*(const enum door *)argument, "\"maxRetries\":0"));
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGPIPE));
    CHECK_NUMBER(sigtimedwait(&only_pipe, NULL, &at_once), SIGPIPE);
    CHECK_NUMBER(sigtimedwait(&only_pipe, NULL, &at_once), -1);
}

/* A signal that the host has blocked, without one pending, is not left pending either. */
static void a_blocked_signal_is_not_left_behind(const void *argument)
{
    sigset_t only_pipe;
    sigset_t pending;

    sigemptyset(&only_pipe);
    sigaddset(&only_pipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &only_pipe, NULL);
    meet_closed_connections(service_client(*(const enum door *)argument, "\"maxRetries\":0"));
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGPIPE));
}

/* Since 7.87 OpenSSL writes through libcurl, which asks for no signal. The library's own libcurl
   counts, which need not be the one that this program is linked with. */
static int libcurl_writes_tls_itself(void)
{
    static const char openssl[] = "\"OpenSSL/";
    char *info = trillet_library_info();
    char *tls = answer_member(info, "tls");
    int is_openssl = tls != NULL && strncmp(tls, openssl, sizeof openssl - 1) == 0;

    free(tls);
    trillet_free(info);
    return is_openssl && libcurl_is_at_least(7, 87);
}

typedef struct watch {
    const char *tag;
    pid_t thread;
    unsigned long long blocked;
} watch;

static void *watch_a_held_call(void *argument)
{
    watch *self = (watch *)argument;

    CHECK(service_wait(self->tag, 1));
    self->blocked = blocked_signals(self->thread);
    service_release(self->tag);
    return NULL;
}

static void the_mask_is_touched_where_needed(const void *argument)
{
    const enum door door = *(const enum door *)argument;
    const unsigned long long pipe_bit = 1ULL << (SIGPIPE - 1);
    trillet_client *client = service_client(door, "\"maxRetries\":0");
    watch watched = {service_tag("mask"), getpid(), 0};
    pthread_t watcher;

    CHECK_NUMBER(pthread_create(&watcher, NULL, watch_a_held_call, &watched), 0);
    CHECK(echo(client, watched.tag, 1, "\"hold\":true"));
    pthread_join(watcher, NULL);
    CHECK_NUMBER((watched.blocked & pipe_bit) != 0,
                 door == SECURE && !libcurl_writes_tls_itself());
    CHECK_NUMBER((blocked_signals(getpid()) & pipe_bit) != 0, 0);
    trillet_client_free(client);
}

static volatile sig_atomic_t handled;
static volatile sig_atomic_t handled_by_the_library;

static void handle(int number)
{
    int saved = errno;
    char name[17] = "";

    (void)number;
    prctl(PR_GET_NAME, name);
    handled++;
    handled_by_the_library += strcmp(name, "trillet-io") == 0;
    /* Handlers may leave what they like in errno, and many do. */
    errno = saved == 0 ? EPIPE : saved;
}

typedef struct storm {
    pthread_t thread;
    pthread_t target;
    int is_over;
} storm;

static const int storm_signals[] = {SIGALRM, SIGCHLD, SIGUSR1};

/* One to the thread that calls and one to the whole process, in turn. */
static void *send_signals(void *argument)
{
    storm *self = (storm *)argument;
    const struct timespec pause = {0, 300000};
    sigset_t all;
    int index = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    while (!__atomic_load_n(&self->is_over, __ATOMIC_SEQ_CST)) {
        pthread_kill(self->target, storm_signals[index % 3]);
        kill(getpid(), storm_signals[index % 3]);
        nanosleep(&pause, NULL);
        index++;
    }
    return NULL;
}

static void call_under_signals(enum door door)
{
    const char *tag = service_tag("storm");
    trillet_client *client = service_client(door, "\"maxRetries\":0");
    burst *many;
    long started;
    int index;

    for (index = 0; index < 200; index++) {
        check_note("blocking call %d", index);
        CHECK(echo(client, tag, index, index % 10 == 0 ? "\"delayMs\":20" : ""));
    }
    check_note("submitted requests");
    many = burst_start(client, tag, 200, "\"delayMs\":20");
    burst_expect_own(many);
    burst_free(many);
    check_note("a wait for an answer that does not come");
    started = monotonic_milliseconds();
    CHECK(trillet_next(client, 300, NULL) == NULL);
    CHECK(monotonic_milliseconds() - started >= 295);
    check_note("a close that waits");
    many = burst_start(client, tag, 8, "\"delayMs\":300");
    CHECK_NUMBER(trillet_client_close(client, 5000), 0);
    CHECK_NUMBER(burst_own(many), 8);
    burst_free(many);
    trillet_client_free(client);
}

typedef struct storm_scene {
    enum door door;
    int flags;
} storm_scene;

static void live_in_a_storm(void *argument)
{
    const storm_scene *scene = (const storm_scene *)argument;
    struct sigaction handler;
    storm blowing;
    int index;

    /* The harness's own alarm would be one more of them; the case is bounded by its parent's. */
    alarm(0);
    memset(&handler, 0, sizeof handler);
    handler.sa_handler = handle;
    handler.sa_flags = scene->flags;
    for (index = 0; index < 3; index++) {
        sigaction(storm_signals[index], &handler, NULL);
    }
    blowing.target = pthread_self();
    blowing.is_over = 0;
    pthread_create(&blowing.thread, NULL, send_signals, &blowing);
    call_under_signals(scene->door);
    __atomic_store_n(&blowing.is_over, 1, __ATOMIC_SEQ_CST);
    pthread_join(blowing.thread, NULL);
    check_note("the handlers");
    CHECK(handled > 1000);
    CHECK_NUMBER(handled_by_the_library, 0);
}

static void calls_succeed_under_signals(const void *argument)
{
    storm_scene scene = *(const storm_scene *)argument;

    alarm(60);
    child_expect_success(child_start(live_in_a_storm, &scene));
}

static void the_thread_blocks_all_signals(const void *argument)
{
    /* KILL and STOP cannot be blocked; 32 and 33 are glibc's own, which its masks leave out. */
    const unsigned long long exempt = 1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1) | 3ULL << 31;
    const char *tag = service_tag("mask");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    sigset_t before;
    sigset_t after;
    burst *one;
    pid_t thread;

    pthread_sigmask(SIG_BLOCK, NULL, &before);
    CHECK_NUMBER(thread_named("trillet-io"), 0);
    /* glibc blocks them all while it starts a thread: not looked at before there is an answer. */
    one = burst_start(client, tag, 1, "");
    burst_expect_own(one);
    thread = thread_named("trillet-io");
    if (caller_drives()) {
        CHECK_NUMBER(thread, 0);
    } else if (CHECK(thread != 0)) {
        CHECK((blocked_signals(thread) | exempt) == ~0ULL);
    }
    burst_free(one);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    CHECK(memcmp(&before, &after, sizeof(unsigned long long)) == 0);
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    CHECK_NUMBER(thread_named("trillet-io"), 0);
    trillet_client_free(client);
}

void signal_suite(void)
{
    static const storm_scene interrupting = {PLAIN, 0};
    static const storm_scene restarting = {PLAIN, SA_RESTART};
    static const storm_scene interrupting_secure = {SECURE, 0};
    static const storm_scene restarting_secure = {SECURE, SA_RESTART};

    check_suite("signals");
    check_case("Closed connections raise no SIGPIPE", closed_connections_raise_no_signal, &plain);
    check_case("Closed TLS connections raise no SIGPIPE", closed_connections_raise_no_signal,
               &secure);
    check_case("The host's handler of SIGPIPE hears nothing", a_handler_of_the_host_hears_nothing,
               &plain);
    check_case("The host's handler of SIGPIPE hears nothing, over TLS",
               a_handler_of_the_host_hears_nothing, &secure);
    check_case("A SIGPIPE of the host stays pending", a_pending_signal_stays, &plain);
    check_case("A SIGPIPE of the host stays pending, over TLS", a_pending_signal_stays, &secure);
    check_case("No SIGPIPE is left pending", a_blocked_signal_is_not_left_behind, &plain);
    check_case("No SIGPIPE is left pending, over TLS", a_blocked_signal_is_not_left_behind,
               &secure);
    check_case("A plain call leaves the signal mask alone", the_mask_is_touched_where_needed,
               &plain);
    check_case("A TLS call blocks SIGPIPE for a libcurl that needs it alone",
               the_mask_is_touched_where_needed, &secure);
    check_case("Calls succeed while signals interrupt system calls", calls_succeed_under_signals,
               &interrupting);
    check_case("Calls succeed while signals restart system calls", calls_succeed_under_signals,
               &restarting);
    check_case("Calls over TLS succeed while signals interrupt system calls",
               calls_succeed_under_signals, &interrupting_secure);
    check_case("Calls over TLS succeed while signals restart system calls",
               calls_succeed_under_signals, &restarting_secure);
    check_case("trillet-io blocks all signals, the caller's mask stays", the_thread_blocks_all_signals,
               &plain);
    check_case("trillet-io blocks all signals, the caller's mask stays, over TLS",
               the_thread_blocks_all_signals, &secure);
}
