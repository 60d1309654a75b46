/* Programs that the host starts while names are looked up get none of the library's descriptors. */
#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* More requests than libcurl is given in one piece. */
enum { CROWD = 400 };
/* So many inode numbers of sockets a processor takes at a time. */
enum { LOOKUPS = 8, BEYOND_FD_SETSIZE = 1200, NUMBERS = 1024, LOOKUPS_NUMBERS = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int held_count;
static int is_released;
static int counted;

/* The program's own comes before that of libc: names that end with held.invalid are looked up until
   they are released, and are not found; those with counted.invalid are this machine. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    union {
        void *address;
        int (*function)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    } original;

    if (name == NULL || strstr(name, ".held.invalid") == NULL) {
        original.address = dlsym(RTLD_NEXT, "getaddrinfo");
        if (name != NULL && strstr(name, ".counted.invalid") != NULL) {
            __atomic_add_fetch(&counted, 1, __ATOMIC_SEQ_CST);
            name = "127.0.0.1";
        }
        return original.function(name, service, hints, found);
    }
    pthread_mutex_lock(&lock);
    held_count++;
    pthread_cond_broadcast(&changed);
    while (!is_released) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return EAI_NONAME;
}

static int wait_for_lookups(trillet_client *client, int count)
{
    long started = monotonic_milliseconds();
    int are_there = 0;

    while (!are_there && monotonic_milliseconds() - started < 10000) {
        pthread_mutex_lock(&lock);
        are_there = held_count >= count;
        pthread_mutex_unlock(&lock);
        pass_time(client, 5);
    }
    return are_there;
}

static void release_lookups(void)
{
    pthread_mutex_lock(&lock);
    is_released = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* How many inode numbers are left in the processor's batch when the client is made; 0 for any. */
static int numbers_left;

static void use_up_numbers(void)
{
    struct stat status = {0};
    int left = 0;

    while (left != numbers_left) {
        int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (!CHECK_NUMBER(fstat(descriptor, &status), 0)) {
            return;
        }
        close(descriptor);
        left = (int)(NUMBERS - status.st_ino % NUMBERS);
    }
}

static trillet_client *client_of_a_name(void)
{
    if (numbers_left > 0) {
        use_up_numbers();
    }
    return client_for("http://service.held.invalid", "\"allowInsecureHttp\":true,\"maxRetries\":0,"
                                                     "\"proxy\":\"\"");
}

static char *descriptors_of_a_program(void)
{
    text listed = {NULL, 0, 0};
    char piece[512];
    size_t got;
    FILE *output = popen(PROGRAM_DIR "/list_descriptors", "r");

    while (output != NULL && (got = fread(piece, 1, sizeof piece, output)) > 0) {
        text_append(&listed, piece, got);
    }
    CHECK(output != NULL && pclose(output) == 0);
    return listed.bytes;
}

/* A thread that has begun a look-up still has to return from libcurl, on a busy machine much later. */
static void expect_descriptors_of_a_program(trillet_client *client, const char *expected)
{
    long started = monotonic_milliseconds();
    char *listed = descriptors_of_a_program();

    while (strcmp(listed == NULL ? "" : listed, expected) != 0
           && monotonic_milliseconds() - started < 10000) {
        pass_time(client, 20);
        free(listed);
        listed = descriptors_of_a_program();
    }
    CHECK_TEXT(listed == NULL ? "" : listed, expected);
    free(listed);
}

static void expect_unsent(char *answer)
{
    answer_expect(answer_checked(answer), "error.sent", "\"no\"");
    trillet_free(answer);
}

static void *call_a_name(void *client)
{
    expect_unsent(trillet_call((trillet_client *)client, "POST /echo", "{}", NULL));
    return NULL;
}

static void look_up_from_threads(void)
{
    char *before = descriptors_of_a_program();
    trillet_client *client = client_of_a_name();
    pthread_t threads[LOOKUPS];
    int index;

    for (index = 0; index < LOOKUPS; index++) {
        pthread_create(&threads[index], NULL, call_a_name, client);
    }
    CHECK(wait_for_lookups(client, LOOKUPS));
    expect_descriptors_of_a_program(client, before == NULL ? "" : before);
    release_lookups();
    for (index = 0; index < LOOKUPS; index++) {
        pthread_join(threads[index], NULL);
    }
    trillet_client_free(client);
    free(before);
}

static void look_up_in_the_background(void)
{
    char *before = descriptors_of_a_program();
    trillet_client *client = client_of_a_name();
    int index;

    for (index = 0; index < LOOKUPS; index++) {
        CHECK(trillet_submit(client, "POST /echo", "{}", NULL, NULL, NULL) != 0);
    }
    CHECK(wait_for_lookups(client, LOOKUPS));
    expect_descriptors_of_a_program(client, before == NULL ? "" : before);
    release_lookups();
    for (index = 0; index < LOOKUPS; index++) {
        expect_unsent(trillet_next(client, 10000, NULL));
    }
    trillet_client_free(client);
    free(before);
}

/* As in a PBX with a thousand calls. */
static void fill_the_table(void)
{
    struct rlimit limit;
    int descriptor;

    CHECK_NUMBER(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK_NUMBER(setrlimit(RLIMIT_NOFILE, &limit), 0);
    do {
        descriptor = dup(1);
        /* These are not what the program is to see. */
        CHECK(descriptor >= 0);
    } while (descriptor >= 0 && descriptor < BEYOND_FD_SETSIZE);
}

typedef struct way {
    void (*look_up)(void);
    int is_crowded;
    int numbers_left;
} way;

static void stay_on_this_processor(void)
{
    cpu_set_t processors;

    CPU_ZERO(&processors);
    CPU_SET(sched_getcpu(), &processors);
    CHECK_NUMBER(sched_setaffinity(0, sizeof processors, &processors), 0);
}

static void look_up(void *argument)
{
    const way *chosen = (const way *)argument;

    if (chosen->is_crowded) {
        fill_the_table();
    }
    if (chosen->numbers_left > 0) {
        stay_on_this_processor();
        numbers_left = chosen->numbers_left;
    }
    chosen->look_up();
}

/* In a process of its own: what is held is held for all of it. */
static void programs_see_no_lookup(const void *argument)
{
    way chosen = *(const way *)argument;

    child_expect_success(child_start(look_up, &chosen));
}

/* Between the ends of each pair once: of the client, and of each look-up. */
static void new_numbers_begin_anywhere(const void *argument)
{
    way chosen = *(const way *)argument;

    for (chosen.numbers_left = 1; chosen.numbers_left <= LOOKUPS_NUMBERS; chosen.numbers_left++) {
        check_note("%d numbers left", chosen.numbers_left);
        child_expect_success(child_start(look_up, &chosen));
    }
}

static void crowd_looks_up_once(const void *argument)
{
    const char *tag = service_tag("counted");
    char *url = text_format("http://service.counted.invalid:%d", service_port(PLAIN));
    trillet_client *client;
    burst *first, *rest;

    (void)argument;
    client = client_for(url, "\"allowInsecureHttp\":true,\"proxy\":\"\",\"maxInFlight\":400,"
                             "\"maxRetries\":0");
    first = burst_start(client, tag, 1, "");
    CHECK(burst_wait(first));
    rest = burst_start(client, tag, CROWD, "\"hold\":true");
    CHECK(wait_for_requests(client, tag, CROWD + 1));
    service_release(tag);
    CHECK(burst_wait(rest));
    burst_expect_own(rest);
    CHECK_NUMBER(__atomic_load_n(&counted, __ATOMIC_SEQ_CST), 1);
    trillet_client_free(client);
    burst_free(first);
    burst_free(rest);
    free(url);
}

void lookup_suite(void)
{
    static const way from_threads = {look_up_from_threads, 0, 0};
    static const way in_background = {look_up_in_the_background, 0, 0};
    static const way from_threads_crowded = {look_up_from_threads, 1, 0};
    static const way in_background_crowded = {look_up_in_the_background, 1, 0};

    check_suite("look-ups");
    check_case("A program started while calls look up a name gets no descriptor",
               programs_see_no_lookup, &from_threads);
    check_case("A program started while submitted calls look up a name gets no descriptor",
               programs_see_no_lookup, &in_background);
    check_case("Neither does it beyond a thousand descriptors, with calls that block",
               programs_see_no_lookup, &from_threads_crowded);
    check_case("Neither does it beyond a thousand descriptors, with submitted calls",
               programs_see_no_lookup, &in_background_crowded);
    check_case("Neither does it where the kernel's numbers begin anew, with calls that block",
               new_numbers_begin_anywhere, &from_threads);
    check_case("Neither does it where the kernel's numbers begin anew, with submitted calls",
               new_numbers_begin_anywhere, &in_background);
    check_case("A crowd of submitted calls looks up a name that is known no more",
               crowd_looks_up_once, NULL);
}
