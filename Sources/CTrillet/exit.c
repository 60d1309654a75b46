#include "shims.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Every client: their threads must be gone before the library is unmapped, and some must be out of
   OpenSSL before its exit handler takes it apart. */
typedef struct entry {
    struct entry *next;
    void *client;
    int uses_hosts_tls;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *first;
static size_t count;
static int is_registered;
static shim_exit_functions actions;
/* Whose list it is: 0 for nobody's, negative while a forked child begins its own. */
static int32_t owner;
static int32_t is_gone;
static int32_t is_unloading;
/* The thread that exits, 0 before. */
static int32_t exiting;
/* Whether it goes on to OpenSSL's exit handler. */
static int32_t is_over;
/* How many threads are closing connections: they may no longer be in the list. */
static int32_t leaving;

enum { LONGEST_LEAVE_MILLISECONDS = 2000 };

static int32_t this_thread(void)
{
    return (int32_t)syscall(SYS_gettid);
}

/* A thread that the fork did not copy may have held the lock, and the clients are the parent's. */
static void begin_list(void)
{
    int32_t process = (int32_t)getpid();
    int32_t found = shim_flag_load(&owner);
    while (found != process) {
        if (found >= 0
            && __atomic_compare_exchange_n(&owner, &found, -1, 0, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST)) {
            pthread_mutex_init(&mutex, NULL);
            first = NULL;
            count = 0;
            shim_flag_store(&exiting, 0);
            shim_flag_store(&is_over, 0);
            shim_flag_store(&leaving, 0);
            shim_flag_store(&owner, process);
            return;
        }
        shim_thread_yield();
        found = shim_flag_load(&owner);
    }
}

/* What is there, each held once more, since its owner may free it meanwhile. */
static void **held_clients(size_t *held, int all)
{
    void **clients = count == 0 ? NULL : calloc(count, sizeof *clients);
    *held = 0;
    for (entry *next = first; clients != NULL && next != NULL; next = next->next) {
        if (!all && !next->uses_hosts_tls)
            continue;
        actions.hold(next->client);
        clients[(*held)++] = next->client;
    }
    return clients;
}

static int have_all_left(void)
{
    const struct timespec moment = {0, 1000000};
    for (int waited = 0; shim_flag_load(&leaving) != 0; waited++) {
        if (waited == LONGEST_LEAVE_MILLISECONDS)
            return 0;
        nanosleep(&moment, NULL);
    }
    return 1;
}

/* docs/decisions.md, exit-handler. */
static void run_at_exit(void)
{
    if (shim_flag_load(&owner) != (int32_t)getpid() || shim_is_unloading())
        return;
    pthread_mutex_lock(&mutex);
    shim_flag_store(&is_over, 0);
    shim_flag_store(&exiting, this_thread());
    /* A client that is made by a later exit handler is watched again. */
    is_registered = 0;
    size_t held = 0;
    void **clients = held_clients(&held, 0);
    pthread_mutex_unlock(&mutex);
    int has_ended = clients == NULL || actions.end(clients, held);
    int have_left = have_all_left();
    shim_flag_store(&is_over, 1);
    /* Those that have not seen it. */
    if (!have_all_left() || !have_left || !has_ended)
        shim_flag_store(&is_gone, 1);
    free(clients);
}

/* Runs when the host unloads the library, ahead of run_at_exit, and behind that when the process
   exits. Which of them it is cannot be known, as a host may unload while it exits. A thread that
   holds the lock may be the one that exits, in a signal handler.
   docs/decisions.md, unload-ends-threads. */
__attribute__((destructor)) static void run_at_unload(void)
{
    if (shim_flag_load(&owner) != (int32_t)getpid() || shim_tls_is_gone()
        || pthread_mutex_trylock(&mutex) != 0)
        return;
    shim_flag_store(&is_unloading, 1);
    size_t held = 0;
    void **clients = held_clients(&held, 1);
    pthread_mutex_unlock(&mutex);
    if (clients != NULL)
        actions.leave(clients, held);
    free(clients);
}

int shim_exit_watch(void *client, int uses_hosts_tls, const shim_exit_functions *functions)
{
    entry *added = malloc(sizeof *added);
    if (added == NULL)
        return 0;
    begin_list();
    pthread_mutex_lock(&mutex);
    /* Another thread would use OpenSSL while it is taken apart. */
    int32_t thread = shim_flag_load(&exiting);
    if (uses_hosts_tls && thread != 0 && thread != this_thread()) {
        pthread_mutex_unlock(&mutex);
        free(added);
        shim_exit_begin_leaving();
        shim_exit_end_leaving();
        return SHIM_EXITING;
    }
    actions = *functions;
    added->client = client;
    added->uses_hosts_tls = uses_hosts_tls;
    added->next = first;
    first = added;
    count++;
    /* Bound to this library by the C library: unloading it takes the handler away. */
    if (uses_hosts_tls && !is_registered)
        is_registered = atexit(run_at_exit) == 0;
    pthread_mutex_unlock(&mutex);
    return 1;
}

void shim_exit_forget(void *client)
{
    if (shim_flag_load(&owner) != (int32_t)getpid())
        return;
    pthread_mutex_lock(&mutex);
    for (entry **place = &first; *place != NULL; place = &(*place)->next) {
        entry *found = *place;
        if (found->client != client)
            continue;
        *place = found->next;
        count--;
        free(found);
        break;
    }
    pthread_mutex_unlock(&mutex);
}

void shim_exit_begin_leaving(void)
{
    __atomic_add_fetch(&leaving, 1, __ATOMIC_SEQ_CST);
}

/* OpenSSL frees what it has of a thread when the thread ends, and its exit handler what it has of all
   threads, without a lock between them. Threads that the exit has sent back to the host end in just
   that moment, where their functions return. So what OpenSSL has of them goes before; where it is too
   late for that they return later. docs/decisions.md, exit-handler. */
void shim_exit_end_leaving(void)
{
    const struct timespec while_openssl_ends = {0, 200000000};
    int32_t thread = shim_flag_load(&exiting);
    int is_sent_back = thread != 0 && thread != this_thread()
        && shim_flag_load(&owner) == (int32_t)getpid();
    int is_late = is_sent_back && shim_flag_load(&is_over);
    if (is_sent_back && !is_late)
        shim_tls_leave_thread();
    __atomic_sub_fetch(&leaving, 1, __ATOMIC_SEQ_CST);
    if (is_late)
        nanosleep(&while_openssl_ends, NULL);
}

int shim_tls_is_gone(void)
{
    return shim_flag_load(&is_gone) != 0;
}

int shim_is_unloading(void)
{
    return shim_flag_load(&is_unloading) != 0;
}
