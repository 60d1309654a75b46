/* A program of its own, not linked with the library: it loads, uses and unloads it. */
#include "check.h"
#include "recording_server.h"
#include "text.h"
#include "trillet.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* LIBRARY_FILE comes from the Makefile. */

enum { ROUNDS = 20 };

typedef trillet_client *(*new_function)(const char *options_json, char **error_json);
typedef void (*client_function)(trillet_client *client);
typedef char *(*call_function)(trillet_client *client, const char *request_json,
                               const char *options_json);
typedef void (*free_function)(char *text);

typedef struct loaded_library {
    void *handle;
    new_function make_client;
    client_function free_client;
    call_function list_agents;
    free_function free_text;
} loaded_library;

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has the value. */
static void resolve(void *handle, const char *name, void *target, size_t size)
{
    void *symbol = dlsym(handle, name);

    check_note("%s", name);
    CHECK(symbol != NULL);
    memcpy(target, &symbol, size);
}

static int load(loaded_library *library)
{
    library->handle = dlopen(LIBRARY_FILE, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(library->handle != NULL)) {
        check_note("%s", dlerror());
        return 0;
    }
    resolve(library->handle, "trillet_client_new", &library->make_client, sizeof(new_function));
    resolve(library->handle, "trillet_client_free", &library->free_client,
            sizeof(client_function));
    resolve(library->handle, "trillet_agents_list", &library->list_agents, sizeof(call_function));
    resolve(library->handle, "trillet_free", &library->free_text, sizeof(free_function));
    return 1;
}

/* A library with libcurl and OpenSSL inside stays: OpenSSL leaves memory behind each time. */
static int stays_mapped(void *handle)
{
    char *(*info)(void) = NULL;
    void (*free_text)(char *text) = NULL;
    char *text;
    int is_bundled;

    resolve(handle, "trillet_library_info", &info, sizeof info);
    resolve(handle, "trillet_free", &free_text, sizeof free_text);
    text = info();
    is_bundled = text != NULL && strstr(text, "\"bundled\":true") != NULL;
    free_text(text);
    return is_bundled;
}

static int is_mapped(void)
{
    size_t length = 0;
    char *maps = text_read_file("/proc/self/maps", &length);
    int mapped = maps != NULL && text_find(maps, length, "libtrillet.so") != NULL;

    free(maps);
    return mapped;
}

static void use(loaded_library *library, const char *url)
{
    char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\"}", url);
    trillet_client *client = library->make_client(options, NULL);
    char *answer;

    CHECK(client != NULL);
    answer = library->list_agents(client, NULL, NULL);
    CHECK(answer != NULL && strncmp(answer, "{\"ok\":true,", 11) == 0);
    library->free_text(answer);
    library->free_client(client);
    free(options);
}

static void it_can_be_unloaded(const void *argument)
{
    recording_server *server = recording_server_start();
    int round;
    int stays;

    (void)argument;
    for (round = 0; round < ROUNDS; round++) {
        loaded_library library;
        if (!load(&library)) {
            break;
        }
        use(&library, recording_server_url(server));
        stays = stays_mapped(library.handle);
        check_note("round %d", round);
        CHECK_NUMBER(dlclose(library.handle), 0);
        CHECK_NUMBER(is_mapped(), stays);
    }
    CHECK_NUMBER(recording_server_requests(server), ROUNDS);
    recording_server_stop(server);
}

typedef struct user {
    pthread_t thread;
    loaded_library *library;
    const char *url;
} user;

static void *use_on_thread(void *argument)
{
    user *self = (user *)argument;

    use(self->library, self->url);
    return NULL;
}

static void it_can_be_unloaded_after_threads(const void *argument)
{
    enum { USERS = 4 };
    recording_server *server = recording_server_start();
    int round;
    int stays;

    (void)argument;
    for (round = 0; round < ROUNDS / 4; round++) {
        loaded_library library;
        user users[USERS];
        int index;
        if (!load(&library)) {
            break;
        }
        for (index = 0; index < USERS; index++) {
            users[index].library = &library;
            users[index].url = recording_server_url(server);
            pthread_create(&users[index].thread, NULL, use_on_thread, &users[index]);
        }
        for (index = 0; index < USERS; index++) {
            pthread_join(users[index].thread, NULL);
        }
        stays = stays_mapped(library.handle);
        check_note("round %d", round);
        CHECK_NUMBER(dlclose(library.handle), 0);
        CHECK_NUMBER(is_mapped(), stays);
    }
    recording_server_stop(server);
}

int main(int argc, char **argv)
{
    check_start(argc, argv);
    check_suite("unloading");
    check_case("The library can be unloaded after use, twenty times", it_can_be_unloaded, NULL);
    check_case("The library can be unloaded after use on threads",
               it_can_be_unloaded_after_threads, NULL);
    return check_finish();
}
