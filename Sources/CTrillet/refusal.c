#include "shims.h"

#include <sys/socket.h>
#include <unistd.h>

/* Why libcurl sends a request again is nowhere to be asked. It remembers in the handle that a stream
   was refused, and forgets it when it says so, in the same words from 7.33 to 8.14. */
static const char refused[] = "REFUSED_STREAM";

static int on_text(CURL *handle, curl_infotype type, char *text, size_t size, void *context)
{
    int32_t *is_refused = context;
    (void)handle;
    if (type == CURLINFO_TEXT && size >= sizeof refused - 1
        && memcmp(text, refused, sizeof refused - 1) == 0)
        *is_refused = 1;
    return 0;
}

void shim_hear_refusal(CURL *handle, int32_t *is_refused)
{
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, on_text);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, is_refused);
}

static curl_socket_t lend_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    int *end = context;
    int lent = *end;
    (void)purpose;
    (void)address;
    /* Once: libcurl is not to try again. */
    *end = -1;
    return lent < 0 ? CURL_SOCKET_BAD : lent;
}

static int is_connected(void *context, curl_socket_t descriptor, curlsocktype purpose)
{
    (void)context;
    (void)descriptor;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static size_t drop(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

int shim_remembers_refusal(CURL *handle)
{
    int ends[2];
    int32_t is_refused = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return 0;
    /* An answer that ends before its first byte, on a connection that nobody used before, is
       followed by another attempt only where a stream was refused. */
    shutdown(ends[1], SHUT_WR);
    curl_easy_reset(handle);
    shim_hear_refusal(handle, &is_refused);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_URL, "http://127.0.0.1/");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 1000L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, lend_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &ends[0]);
    curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, is_connected);
    curl_easy_perform(handle);
    curl_easy_reset(handle);
    if (ends[0] >= 0)
        close(ends[0]);
    close(ends[1]);
    return is_refused;
}
