#include "shims.h"

#include <stdio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Why libcurl sends a request again, or gives it up, is nowhere to be asked. It says so in words, the
   same from 7.80 to 8.14, and remembers in the handle that a stream was refused until it says so. Words
   that it does not say leave a request one that the server may have acted on. */

static int begins_with(const char *text, size_t size, const char *words)
{
    return size >= strlen(words) && memcmp(text, words, strlen(words)) == 0;
}

static const char *after(const char *text, size_t size, const char *words)
{
    const char *found = memmem(text, size, words, strlen(words));
    return found == NULL ? NULL : found + strlen(words);
}

/* A number behind the words, within a text that nothing terminates. */
static int read_number(const char *text, size_t size, const char *words, uint32_t *number)
{
    const char *next = after(text, size, words);
    if (next == NULL || next == text + size || *next < '0' || *next > '9')
        return 0;
    for (*number = 0; next < text + size && *next >= '0' && *next <= '9'; next++)
        *number = *number * 10 + (uint32_t)(*next - '0');
    return 1;
}

/* "#7", or 0 where later versions do not say it. */
static uint32_t read_connection(const char *text, size_t size)
{
    uint32_t number;
    return read_number(text, size, "#", &number) ? number + 1 : 0;
}

static void note_goodbye(shim_refusal *refusal, uint32_t last)
{
    shim_goodbyes *goodbyes = refusal->goodbyes;
    refusal->has_goodbye = 1;
    refusal->last_stream = last;
    /* Before its request is on the way, a handle may hear of connections that it only looks at. */
    if (goodbyes == NULL || refusal->connection == 0 || refusal->stream == 0)
        return;
    uint32_t place = goodbyes->next++ % SHIM_GOODBYES;
    goodbyes->latest[place].connection = refusal->connection;
    goodbyes->latest[place].last_stream = last;
}

static int on_text(CURL *handle, curl_infotype type, char *text, size_t size, void *context)
{
    shim_refusal *refusal = context;
    uint32_t last;
    (void)handle;
    if (type == CURLINFO_HEADER_OUT && !begins_with(text, size, "CONNECT "))
        refusal->is_written = 1;
    if (type != CURLINFO_TEXT)
        return 0;
    if (begins_with(text, size, "Downgrades to HTTP/1.1"))
        refusal->demands_http1 = 1;
    if (refusal->is_over)
        return 0;
    /* From the first letter on: what the server or the caller wrote may be quoted further on. */
    if (begins_with(text, size, "REFUSED_STREAM, retrying")) {
        refusal->is_refused = 1;
    } else if (begins_with(text, size, "HTTP/2 stream ")) {
        refusal->has_other_reason = 1;
    } else if (begins_with(text, size, "Connection died, retrying")) {
        /* What follows is of the connections that it looks at for the next attempt. */
        refusal->is_over = 1;
    } else if ((begins_with(text, size, "received GOAWAY")
                || begins_with(text, size, "recveived GOAWAY"))
               && after(text, size, " error=0,") != NULL
               && read_number(text, size, "last_stream=", &last)) {
        /* A server that fails may write 0 for the last stream whatever it has done. */
        note_goodbye(refusal, last);
    } else if (begins_with(text, size, "Re-using existing connection")
               || begins_with(text, size, "Connected to ")) {
        refusal->connection = read_connection(text, size);
    } else if (begins_with(text, size, "Using Stream ID: ")) {
        read_number(text, size, "Using Stream ID: ", &refusal->stream);
    }
    return 0;
}

void shim_hear_refusal(CURL *handle, shim_refusal *refusal)
{
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, on_text);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, refusal);
}

void shim_forget_words(shim_refusal *refusal, int keeps_connection)
{
    *refusal = (shim_refusal){.goodbyes = refusal->goodbyes,
                              .connection = keeps_connection ? refusal->connection : 0};
}

int shim_has_refused_others(const shim_refusal *refusal)
{
    const shim_goodbyes *goodbyes = refusal->goodbyes;
    if (goodbyes == NULL || refusal->connection == 0 || refusal->has_other_reason
        || refusal->is_over)
        return 0;
    for (int place = 0; place < SHIM_GOODBYES; place++) {
        if (goodbyes->latest[place].connection == refusal->connection
            && refusal->stream > goodbyes->latest[place].last_stream)
            return 1;
    }
    return 0;
}

int shim_has_refused(const shim_refusal *refusal)
{
    return refusal->is_refused
        || (refusal->has_goodbye && !refusal->has_other_reason
            && refusal->stream > refusal->last_stream);
}

#if LIBCURL_VERSION_NUM >= 0x075000
typedef struct {
    int listener;
    int peer;
    int is_started;
} probe;

/* The other end hangs up without an answer. */
static int hang_up(void *context, char *remote, char *local, int remote_port, int local_port)
{
    probe *probe = context;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (probe->is_started)
        return CURL_PREREQFUNC_ABORT;
    probe->is_started = 1;
    probe->peer = accept4(probe->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (probe->peer < 0 || shutdown(probe->peer, SHUT_WR) != 0)
        return CURL_PREREQFUNC_ABORT;
    return CURL_PREREQFUNC_OK;
}

static size_t drop(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

/* docs/decisions.md, refusal-from-words. */
static int listen_on_loopback(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener >= 0
        && (bind(listener, (struct sockaddr *)&address, sizeof address) != 0
            || listen(listener, 1) != 0
            || getsockname(listener, (struct sockaddr *)&address, &length) != 0)) {
        close(listener);
        return -1;
    }
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return listener;
}

int shim_remembers_refusal(CURL *handle)
{
    char url[48];
    shim_refusal refusal = {0};
    probe probe = {listen_on_loopback(url, sizeof url), -1, 0};
    if (probe.listener < 0)
        return 0;
    /* An answer that ends before its first byte, on a connection that nobody used before, is
       followed by another attempt only where a stream was refused. */
    curl_easy_reset(handle);
    shim_hear_refusal(handle, &refusal);
    shim_set_socket_events(handle, NULL);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 1000L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, hang_up);
    curl_easy_setopt(handle, CURLOPT_PREREQDATA, &probe);
    curl_easy_perform(handle);
    curl_easy_reset(handle);
    close(probe.listener);
    if (probe.peer >= 0)
        close(probe.peer);
    return refusal.is_refused;
}
#else
int shim_remembers_refusal(CURL *handle)
{
    (void)handle;
    return 0;
}
#endif
