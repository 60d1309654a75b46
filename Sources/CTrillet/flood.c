#include "shims.h"

#include <time.h>

/* libcurl reads an HTTP/2 connection for as long as frames arrive that belong to no answer, and looks
   at no time-out meanwhile. TLS reports every record, which is the only moment to step in. */

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef void (*message_callback)(int is_written, int version, int type, const void *bytes,
                                 size_t count, SSL *ssl, void *context);
extern void SSL_CTX_set_msg_callback(SSL_CTX *settings, message_callback callback)
    __attribute__((weak));
extern long SSL_CTX_ctrl(SSL_CTX *settings, int command, long number, void *pointer)
    __attribute__((weak));
extern void SSL_set_shutdown(SSL *ssl, int mode) __attribute__((weak));

/* The same in all versions of OpenSSL. */
enum { SET_MESSAGE_CONTEXT = 16, RECEIVED_SHUTDOWN = 2, RECORD_HEADER = 0x100 };

/* docs/decisions.md, frame-floods. */
enum { RECORDS_BETWEEN_LOOKS = 256, LONGEST_FLOOD_MICROSECONDS = 250000 };

/* A thread that is not scheduled is not flooded. */
static int64_t processor_microseconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void on_message(int is_written, int version, int type, const void *bytes, size_t count,
                       SSL *ssl, void *context)
{
    shim_flood_guard *guard = context;
    (void)version;
    (void)bytes;
    (void)count;
    if (is_written || type != RECORD_HEADER)
        return;
    /* One call of libcurl's may go through the handshakes of hundreds of connections. */
    if (guard->connection != ssl) {
        guard->connection = ssl;
        guard->records = 0;
    }
    if (++guard->records % RECORDS_BETWEEN_LOOKS != 0)
        return;
    int64_t now = processor_microseconds();
    if (guard->records == RECORDS_BETWEEN_LOOKS) {
        guard->since_microseconds = now;
    } else if (now - guard->since_microseconds > LONGEST_FLOOD_MICROSECONDS) {
        guard->broken++;
        /* For the reader the connection has ended. */
        SSL_set_shutdown(ssl, RECEIVED_SHUTDOWN);
    }
}

static CURLcode watch(CURL *handle, void *settings, void *context)
{
    (void)handle;
    SSL_CTX_set_msg_callback(settings, on_message);
    SSL_CTX_ctrl(settings, SET_MESSAGE_CONTEXT, 0, context);
    return CURLE_OK;
}

void shim_set_flood_guard(CURL *handle, shim_flood_guard *guard)
{
    static const char openssl[] = "OpenSSL/";
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    if (library == NULL || strncmp(library, openssl, sizeof openssl - 1) != 0
        || SSL_CTX_set_msg_callback == NULL || SSL_CTX_ctrl == NULL || SSL_set_shutdown == NULL)
        return;
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, watch);
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, guard);
}
