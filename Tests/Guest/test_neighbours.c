/* A host that uses libcurl and OpenSSL itself. */
#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

static size_t collect(char *bytes, size_t size, size_t count, void *target)
{
    text_append((text *)target, bytes, size * count);
    return size * count;
}

/* The host's own request; 1 when its own answer came. */
static int fetch_with_curl(CURL *handle, enum door door, int number)
{
    text body = {NULL, 0, 0};
    char *url = text_format("%s/echo?id=host-%d", service_url(door), number);
    char *wanted = text_format("\"host-%d\"", number);
    int is_own;

    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_CAINFO, service_certificate());
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    is_own = curl_easy_perform(handle) == CURLE_OK && body.bytes != NULL
        && strstr(body.bytes, wanted) != NULL;
    free(wanted);
    free(url);
    text_clear(&body);
    return is_own;
}

typedef struct host_thread {
    pthread_t thread;
    enum door door;
    int own;
} host_thread;

enum { HOST_THREADS = 3, HOST_REQUESTS = 100 };

static void *use_curl(void *argument)
{
    host_thread *self = (host_thread *)argument;
    CURL *handle = curl_easy_init();
    int index;

    for (index = 0; index < HOST_REQUESTS; index++) {
        self->own += fetch_with_curl(handle, self->door, index);
    }
    curl_easy_cleanup(handle);
    return NULL;
}

static void the_host_has_handles_of_its_own(const void *argument)
{
    enum door door = *(const enum door *)argument;
    const char *tag = service_tag("handles");
    trillet_client *client = service_client(door, "");
    host_thread threads[HOST_THREADS];
    crowd *callers;
    burst *many;
    int index;

    curl_global_init(CURL_GLOBAL_ALL);
    for (index = 0; index < HOST_THREADS; index++) {
        threads[index].door = door;
        threads[index].own = 0;
        pthread_create(&threads[index].thread, NULL, use_curl, &threads[index]);
    }
    callers = crowd_start(client, tag, 3, "");
    many = burst_start(client, service_tag("handles"), 200, "");
    for (index = 0; index < HOST_THREADS; index++) {
        pthread_join(threads[index].thread, NULL);
        CHECK_NUMBER(threads[index].own, HOST_REQUESTS);
    }
    burst_expect_own(many);
    CHECK(crowd_stop(callers) > 0);
    burst_free(many);
    trillet_client_free(client);
    curl_global_cleanup();
}

static void use_client(trillet_client *client)
{
    const char *tag = service_tag("orders");
    burst *some;

    CHECK(echo(client, tag, 1, ""));
    some = burst_start(client, tag, 4, "");
    burst_expect_own(some);
    burst_free(some);
}

static void expect_curl_of_the_host(enum door door)
{
    CURL *handle = curl_easy_init();

    CHECK(fetch_with_curl(handle, door, 1));
    curl_easy_cleanup(handle);
}

/* With a cleanup too many at the end, which a host that counts wrong makes. */
static void libcurl_is_initialised_in_any_order(const void *argument)
{
    enum door door = *(const enum door *)argument;
    trillet_client *client;

    check_note("initialised by the host before, cleaned up while the client lives");
    curl_global_init(CURL_GLOBAL_ALL);
    client = service_client(door, "");
    use_client(client);
    curl_global_cleanup();
    use_client(client);
    check_note("initialised by the host again");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    expect_curl_of_the_host(door);
    trillet_client_free(client);
    expect_curl_of_the_host(door);
    curl_global_cleanup();
    check_note("a new client after the host's cleanup");
    client = service_client(door, "");
    use_client(client);
    check_note("a cleanup too many");
    curl_global_cleanup();
    use_client(client);
    trillet_client_free(client);
    client = service_client(door, "");
    use_client(client);
    trillet_client_free(client);
}

static long blocks;

static void *count_malloc(size_t size)
{
    __atomic_add_fetch(&blocks, 1, __ATOMIC_SEQ_CST);
    return malloc(size);
}

static void *count_calloc(size_t count, size_t size)
{
    __atomic_add_fetch(&blocks, 1, __ATOMIC_SEQ_CST);
    return calloc(count, size);
}

/* A block of libcurl given to free(), or the other way round, shows in a different start. */
static void libcurl_has_memory_of_the_host(const void *argument)
{
    trillet_client *client;

    if (library_is_bundled()) {
        check_skip("the library has a libcurl of its own");
        return;
    }
    CHECK_NUMBER(curl_global_init_mem(CURL_GLOBAL_ALL, count_malloc, free, realloc, strdup,
                                      count_calloc),
                 CURLE_OK);
    client = service_client(*(const enum door *)argument, "");
    use_client(client);
    trillet_client_free(client);
    CHECK(blocks > 0);
    curl_global_cleanup();
}

/* A connection of the host's own through OpenSSL. */
typedef struct host_tls {
    SSL_CTX *context;
    SSL *session;
    int socket;
} host_tls;

static host_tls host_tls_open(void)
{
    host_tls opened;
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)service_port(SECURE));
    opened.context = SSL_CTX_new(TLS_client_method());
    CHECK_NUMBER(SSL_CTX_load_verify_locations(opened.context, service_certificate(), NULL), 1);
    SSL_CTX_set_verify(opened.context, SSL_VERIFY_PEER, NULL);
    opened.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_NUMBER(connect(opened.socket, (struct sockaddr *)&address, sizeof address), 0);
    opened.session = SSL_new(opened.context);
    SSL_set_fd(opened.session, opened.socket);
    CHECK_NUMBER(SSL_connect(opened.session), 1);
    return opened;
}

static void host_tls_exchange(host_tls *opened)
{
    static const char request[] = "GET /echo?id=own HTTP/1.1\r\n\r\n";
    char answer[4096];
    int got;

    CHECK_NUMBER(SSL_write(opened->session, request, sizeof request - 1), sizeof request - 1);
    got = SSL_read(opened->session, answer, sizeof answer - 1);
    if (CHECK(got > 0)) {
        answer[got] = '\0';
        CHECK(strstr(answer, "\"own\"") != NULL);
    }
}

static void host_tls_close(host_tls *opened)
{
    SSL_free(opened->session);
    SSL_CTX_free(opened->context);
    close(opened->socket);
}

static void the_host_has_tls_of_its_own(const void *argument)
{
    host_tls own = host_tls_open();
    trillet_client *client = service_client(SECURE, "");
    int index;

    (void)argument;
    for (index = 0; index < 20; index++) {
        host_tls_exchange(&own);
        use_client(client);
    }
    trillet_client_free(client);
    host_tls_exchange(&own);
    host_tls_close(&own);
}

static void add_error_of_the_host(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
#else
    ERR_put_error(ERR_LIB_USER, 0, ERR_R_INTERNAL_ERROR, __FILE__, __LINE__);
#endif
}

/* SSL_get_error() looks at the thread's queue: an entry of the host must not be taken for one of
   the call. */
static void errors_of_the_host_do_not_break_a_call(const void *argument)
{
    trillet_client *client = service_client(SECURE, "\"maxRetries\":0");
    const char *tag = service_tag("errors");
    int index;

    (void)argument;
    for (index = 0; index < 20; index++) {
        add_error_of_the_host();
        CHECK(echo(client, tag, index, index % 4 == 0 ? "\"bytes\":200000" : ""));
    }
    trillet_client_free(client);
}

/* Nor must one of the call be taken for the host's. */
static void a_call_leaves_no_errors(const void *argument)
{
    trillet_client *client = service_client(SECURE, "\"maxRetries\":0");
    trillet_client *distrustful = client_for(service_url(SECURE), "\"maxRetries\":0");
    host_tls own = host_tls_open();

    (void)argument;
    ERR_clear_error();
    check_note("a call");
    CHECK(echo(client, service_tag("errors"), 1, ""));
    CHECK_NUMBER(ERR_peek_error(), 0);
    check_note("a certificate that is not trusted");
    answer_expect_error(trillet_agents_list(distrustful, NULL, NULL), "tls", "no");
    CHECK_NUMBER(ERR_peek_error(), 0);
    check_note("half an answer");
    trillet_free(trillet_call(client, "POST /echo", "{\"fault\":\"half\"}", NULL));
    CHECK_NUMBER(ERR_peek_error(), 0);
    check_note("a reset");
    trillet_free(trillet_call(client, "POST /echo", "{\"fault\":\"reset\"}", NULL));
    CHECK_NUMBER(ERR_peek_error(), 0);
    host_tls_exchange(&own);
    check_note("the end of clients");
    trillet_client_free(client);
    trillet_client_free(distrustful);
    CHECK_NUMBER(ERR_peek_error(), 0);
    host_tls_exchange(&own);
    host_tls_close(&own);
}

void neighbour_suite(void)
{
    check_suite("neighbours");
    check_case("The host uses libcurl in other threads", the_host_has_handles_of_its_own, &plain);
    check_case("The host uses libcurl over TLS in other threads", the_host_has_handles_of_its_own,
               &secure);
    check_case("The host initialises and cleans up libcurl in any order",
               libcurl_is_initialised_in_any_order, &plain);
    check_case("The host initialises and cleans up libcurl in any order, over TLS",
               libcurl_is_initialised_in_any_order, &secure);
    check_case("The host gives libcurl its own allocator", libcurl_has_memory_of_the_host,
               &secure);
    check_case("The host has TLS connections of its own", the_host_has_tls_of_its_own, NULL);
    check_case("Entries in the host's OpenSSL error queue do not break a call",
               errors_of_the_host_do_not_break_a_call, NULL);
    check_case("A call leaves nothing in the host's OpenSSL error queue", a_call_leaves_no_errors,
               NULL);
}
