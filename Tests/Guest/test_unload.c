/* A program of its own, not linked with the library: loads, uses and unloads it a hundred times. */
#include "check.h"
#include "process.h"
#include "service.h"
#include "text.h"
#include "trillet.h"

#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LIBRARY_FILE comes from the Makefile. */

enum { ROUNDS = 100, WARM_UP = 20, ALLOCATED_KILOBYTES = 256, RESIDENT_KILOBYTES = 1024, CASE_SECONDS = 600 };

typedef struct library {
    void *handle;
    trillet_client *(*make)(const char *options_json, char **error_json);
    void (*discard)(trillet_client *client);
    int32_t (*close)(trillet_client *client, int32_t timeout_ms);
    int32_t (*set_log)(trillet_client *client, int32_t level, trillet_log_fn log, void *user_data);
    char *(*call)(trillet_client *client, const char *operation, const char *request_json,
                  const char *options_json);
    uint64_t (*submit)(trillet_client *client, const char *operation, const char *request_json,
                       const char *options_json, trillet_done_fn done, void *user_data);
    char *(*next)(trillet_client *client, int32_t timeout_ms, uint64_t *id);
    int32_t (*completion_fd)(trillet_client *client);
    int32_t (*drive)(trillet_client *client, int32_t timeout_ms);
    void (*free_text)(char *text);
} library;

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has the value. */
static void resolve(void *handle, const char *name, void *target)
{
    void *symbol = dlsym(handle, name);

    check_note("%s", name);
    CHECK(symbol != NULL);
    memcpy(target, &symbol, sizeof symbol);
}

static int load(library *loaded)
{
    loaded->handle = dlopen(LIBRARY_FILE, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(loaded->handle != NULL)) {
        check_show("dlopen  ", dlerror());
        return 0;
    }
    resolve(loaded->handle, "trillet_client_new", &loaded->make);
    resolve(loaded->handle, "trillet_client_free", &loaded->discard);
    resolve(loaded->handle, "trillet_client_close", &loaded->close);
    resolve(loaded->handle, "trillet_client_set_log", &loaded->set_log);
    resolve(loaded->handle, "trillet_call", &loaded->call);
    resolve(loaded->handle, "trillet_submit", &loaded->submit);
    resolve(loaded->handle, "trillet_next", &loaded->next);
    resolve(loaded->handle, "trillet_completion_fd", &loaded->completion_fd);
    resolve(loaded->handle, "trillet_drive", &loaded->drive);
    resolve(loaded->handle, "trillet_free", &loaded->free_text);
    return check_failures() == 0;
}

/* Without engine.c, which is linked with the library. */
static const char *engine(void)
{
    const char *given = getenv("TRILLET_TEST_ENGINE");

    return given == NULL ? "thread" : given;
}

static void wait_for(library *loaded, trillet_client *client, const int *counted, int count)
{
    while (__atomic_load_n(counted, __ATOMIC_SEQ_CST) < count) {
        loaded->drive(client, 100);
        pause_milliseconds(1);
    }
}

/* A library with libcurl and OpenSSL inside stays: OpenSSL leaves memory behind each time. */
static int stays_mapped(void *handle)
{
    char *(*info)(void) = NULL;
    void (*free_text)(char *text) = NULL;
    char *text;
    int is_bundled;

    resolve(handle, "trillet_library_info", &info);
    resolve(handle, "trillet_free", &free_text);
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

static void count_answer(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    if (strncmp(response_json, "{\"ok\":true,", 11) == 0) {
        __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
    }
}

static void count_line(void *user_data, int32_t level, const char *message)
{
    (void)level;
    (void)message;
    __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
}

static void expect_success(library *loaded, char *answer)
{
    CHECK(answer != NULL && strncmp(answer, "{\"ok\":true,", 11) == 0);
    loaded->free_text(answer);
}

static void use(library *loaded, enum door door)
{
    enum { SUBMITTED = 8 };
    char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"engine\":\"%s\","
                                "\"baseUrl\":\"%s\",\"caFile\":\"%s\"}",
                                engine(), service_url(door), service_certificate());
    trillet_client *client = loaded->make(options, NULL);
    int answers = 0;
    int lines = 0;
    int index;

    CHECK(client != NULL);
    CHECK_NUMBER(loaded->set_log(client, TRILLET_LOG_DEBUG, count_line, &lines), 0);
    expect_success(loaded, loaded->call(client, "POST /echo", "{\"id\":1}", NULL));
    for (index = 0; index < SUBMITTED; index++) {
        CHECK(loaded->submit(client, "POST /echo", "{}", NULL, count_answer, &answers) != 0);
    }
    CHECK(loaded->submit(client, "POST /echo", "{}", NULL, NULL, NULL) != 0);
    CHECK(loaded->completion_fd(client) >= 0);
    expect_success(loaded, loaded->next(client, 10000, NULL));
    wait_for(loaded, client, &answers, SUBMITTED);
    /* And some that are cancelled. */
    for (index = 0; index < SUBMITTED; index++) {
        loaded->submit(client, "POST /echo", "{\"hold\":true}", NULL, count_answer, &answers);
    }
    loaded->close(client, 50);
    CHECK_NUMBER(answers, SUBMITTED);
    CHECK(lines > 0);
    loaded->discard(client);
    free(options);
}

static void it_can_be_unloaded(const void *argument)
{
    enum door door = *(const enum door *)argument;
    long resident = 0;
    long allocated = 0;
    int descriptors = 0;
    int mappings = 0;
    int stays;
    int round;

    alarm(CASE_SECONDS);
    for (round = 0; round < ROUNDS; round++) {
        library loaded;
        if (!load(&loaded)) {
            return;
        }
        use(&loaded, door);
        stays = stays_mapped(loaded.handle);
        check_note("round %d", round);
        CHECK_NUMBER(dlclose(loaded.handle), 0);
        CHECK_NUMBER(is_mapped(), stays);
        CHECK_NUMBER(thread_count(), 1);
        if (round == WARM_UP) {
            resident = resident_kilobytes();
            allocated = allocated_kilobytes();
            descriptors = descriptor_count();
            mappings = mapping_count();
        }
    }
    CHECK_NUMBER(descriptor_count(), descriptors);
    CHECK(mapping_count() <= mappings + 1);
    allocated = allocated_kilobytes() - allocated;
    resident = resident_kilobytes() - resident;
    check_note("grown by %ld KiB of allocations and %ld KiB in all", allocated, resident);
    CHECK(allocated < ALLOCATED_KILOBYTES);
    CHECK(resident < RESIDENT_KILOBYTES);
}

static void it_can_be_unloaded_where_openssl_is_used(const void *argument)
{
    CHECK_NUMBER(OPENSSL_init_ssl(0, NULL), 1);
    it_can_be_unloaded(argument);
}

/* A client of a library that is unloaded while it is busy, as by a plugin that forgets it. */
typedef struct forgotten {
    library loaded;
    trillet_client *client;
    int answers;
    int lines;
} forgotten;

static void submit_again(void *user_data, uint64_t id, const char *response_json)
{
    forgotten *busy = (forgotten *)user_data;

    (void)id;
    (void)response_json;
    __atomic_add_fetch(&busy->answers, 1, __ATOMIC_SEQ_CST);
    busy->loaded.submit(busy->client, "POST /echo", "{}", NULL, submit_again, busy);
}

static void a_client_is_forgotten(forgotten *busy, enum door door, int round)
{
    enum { IN_FLIGHT = 32 };
    char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"engine\":\"%s\","
                                "\"baseUrl\":\"%s\",\"caFile\":\"%s\"}",
                                engine(), service_url(door), service_certificate());
    int descriptors = descriptor_count();
    int answers;
    int index;

    memset(busy, 0, sizeof *busy);
    if (!load(&busy->loaded)) {
        return;
    }
    busy->client = busy->loaded.make(options, NULL);
    CHECK(busy->client != NULL);
    CHECK_NUMBER(busy->loaded.set_log(busy->client, TRILLET_LOG_DEBUG, count_line, &busy->lines),
                 0);
    for (index = 0; index < IN_FLIGHT; index++) {
        busy->loaded.submit(busy->client, "POST /echo", index % 4 == 0 ? "{\"hold\":true}" : "{}",
                            NULL, submit_again, busy);
    }
    wait_for(&busy->loaded, busy->client, &busy->answers, 1);
    busy->loaded.drive(busy->client, round % 8);
    pause_milliseconds(round % 8);
    CHECK_NUMBER(dlclose(busy->loaded.handle), 0);
    answers = busy->answers;
    CHECK(!is_mapped());
    CHECK_NUMBER(thread_count(), 1);
    /* Those of the client, which nobody frees; its connections are closed. */
    CHECK(descriptor_count() <= descriptors + 2);
    pause_milliseconds(1);
    CHECK_NUMBER(busy->answers, answers);
    free(options);
}

static int is_never_unloaded(void)
{
    library loaded;
    int stays = load(&loaded) && stays_mapped(loaded.handle);

    dlclose(loaded.handle);
    return stays;
}

static void it_is_unloaded_under_a_busy_client(const void *argument)
{
    enum { FORGOTTEN = 25 };
    forgotten busy;
    int round;

    alarm(CASE_SECONDS);
    if (is_never_unloaded()) {
        check_skip("a library with libcurl inside is never unloaded");
        return;
    }
    for (round = 0; round < FORGOTTEN; round++) {
        check_note("round %d", round);
        a_client_is_forgotten(&busy, *(const enum door *)argument, round);
    }
}

int main(int argc, char **argv)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_start(argc, argv);
    service_start();
    check_suite("unloading");
    check_case("The library is loaded, used and unloaded a hundred times", it_can_be_unloaded,
               &plain);
    check_case("The library is loaded, used over TLS and unloaded a hundred times",
               it_can_be_unloaded, &secure);
    check_case("A busy client that was forgotten ends when it is unloaded",
               it_is_unloaded_under_a_busy_client, &plain);
    check_case("So does one that is busy over TLS", it_is_unloaded_under_a_busy_client, &secure);
    check_case("It is loaded and unloaded a hundred times in a host that has used OpenSSL first",
               it_can_be_unloaded_where_openssl_is_used, &secure);
    check_case("A busy client over TLS ends there, too", it_is_unloaded_under_a_busy_client,
               &secure);
    return check_finish();
}
