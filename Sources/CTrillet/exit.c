#include "shims.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Clients that must be out of OpenSSL before the host's exit handler takes it apart. */
typedef struct entry {
    struct entry *next;
    void *client;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *first;
static size_t count;
static int is_registered;
static shim_exit_functions actions;
/* Whose list it is: 0 for nobody's, negative while a forked child begins its own. */
static int32_t owner;
static int32_t is_gone;

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
            shim_flag_store(&owner, process);
            return;
        }
        shim_thread_yield();
        found = shim_flag_load(&owner);
    }
}

/* What is there, each held once more, since its owner may free it meanwhile. */
static void **held_clients(size_t *held)
{
    void **clients = count == 0 ? NULL : calloc(count, sizeof *clients);
    *held = 0;
    for (entry *next = first; clients != NULL && next != NULL; next = next->next) {
        actions.hold(next->client);
        clients[(*held)++] = next->client;
    }
    return clients;
}

static void run_at_exit(void)
{
    if (shim_flag_load(&owner) != (int32_t)getpid())
        return;
    pthread_mutex_lock(&mutex);
    /* A client that is made by a later exit handler is watched again. */
    is_registered = 0;
    size_t held = 0;
    void **clients = held_clients(&held);
    pthread_mutex_unlock(&mutex);
    if (clients == NULL)
        return;
    if (!actions.end(clients, held))
        shim_flag_store(&is_gone, 1);
    free(clients);
}

int shim_exit_watch(void *client, const shim_exit_functions *functions)
{
    entry *added = malloc(sizeof *added);
    if (added == NULL)
        return 0;
    begin_list();
    pthread_mutex_lock(&mutex);
    actions = *functions;
    added->client = client;
    added->next = first;
    first = added;
    count++;
    /* Bound to this library by the C library: unloading it takes the handler away. */
    if (!is_registered)
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

int shim_tls_is_gone(void)
{
    return shim_flag_load(&is_gone) != 0;
}
