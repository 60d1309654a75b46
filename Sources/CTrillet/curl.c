#include "shims.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_result = CURLE_FAILED_INIT;
static int can_raise_sigpipe = 1;

/* Until 7.87 OpenSSL wrote to the socket itself. Since then it writes through libcurl, which passes
   MSG_NOSIGNAL. Several TLS libraries in one libcurl are listed with brackets around the idle ones. */
static int writes_tls_itself(const curl_version_info_data *info)
{
    static const char openssl[] = "OpenSSL/";
    return info->version_num >= 0x075700 && info->ssl_version != NULL
        && strncmp(info->ssl_version, openssl, sizeof openssl - 1) == 0
        && strchr(info->ssl_version, '(') == NULL;
}

static void initialize_curl(void)
{
    shim_tls_outlive_exit();
    global_result = curl_global_init(CURL_GLOBAL_ALL);
    can_raise_sigpipe = !writes_tls_itself(curl_version_info(CURLVERSION_NOW));
}

int shim_curl_can_raise_sigpipe(void)
{
    return can_raise_sigpipe;
}

CURLcode shim_curl_global_init(void)
{
    pthread_once(&global_once, initialize_curl);
    return global_result;
}

int shim_curl_resolves_asynchronously(void)
{
    return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) != 0;
}

shim_facts shim_library_facts(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    shim_facts facts = {
        .libcurl = info->version,
        .tls = info->ssl_version,
        .ca_file = shim_ca_file(),
        .has_http2 = (info->features & CURL_VERSION_HTTP2) != 0,
        .is_bundled = shim_is_bundled(),
    };
    /* libcurl is older than its headers on some systems, and so is the structure. */
    if (facts.ca_file == NULL && info->age >= CURLVERSION_SEVENTH)
        facts.ca_file = info->cainfo;
    return facts;
}

CURLcode shim_set_long(CURL *handle, CURLoption option, long value)
{
    return curl_easy_setopt(handle, option, value);
}

CURLcode shim_set_size(CURL *handle, CURLoption option, int64_t value)
{
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}

CURLcode shim_set_pointer(CURL *handle, CURLoption option, const void *value)
{
    return curl_easy_setopt(handle, option, value);
}

CURLcode shim_set_write_function(CURL *handle, curl_write_callback function)
{
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
}

CURLcode shim_set_header_function(CURL *handle, curl_write_callback function)
{
    return curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, function);
}

#if LIBCURL_VERSION_NUM >= 0x075000
static int run_prerequest(void *context, char *remote_address, char *local_address,
                          int remote_port, int local_port)
{
    const shim_prerequest *prerequest = context;
    (void)remote_address;
    (void)local_address;
    (void)remote_port;
    (void)local_port;
    return prerequest->function(prerequest->context) == 0 ? CURL_PREREQFUNC_OK
                                                          : CURL_PREREQFUNC_ABORT;
}
#endif

CURLcode shim_set_prerequest(CURL *handle, shim_prerequest *prerequest)
{
#if LIBCURL_VERSION_NUM >= 0x075000
    CURLcode result = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, run_prerequest);
    if (result == CURLE_OK)
        result = curl_easy_setopt(handle, CURLOPT_PREREQDATA, prerequest);
    return result;
#else
    (void)handle;
    (void)prerequest;
    return CURLE_UNKNOWN_OPTION;
#endif
}

CURLcode shim_allow_http_only(CURL *handle)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    if (curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK)
        return CURLE_OK;
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

void shim_set_quick_exit(CURL *handle)
{
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)handle;
#endif
}

int64_t shim_parse_http_date(const char *text)
{
    return (int64_t)curl_getdate(text, NULL);
}

long shim_info_long(CURL *handle, CURLINFO info)
{
    long value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

int64_t shim_info_size(CURL *handle, CURLINFO info)
{
    curl_off_t value = 0;
    curl_easy_getinfo(handle, info, &value);
    return (int64_t)value;
}

const char *shim_info_text(CURL *handle, CURLINFO info)
{
    char *value = NULL;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

void *shim_info_pointer(CURL *handle, CURLINFO info)
{
    void *value = NULL;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

int shim_info_socket(CURL *handle)
{
    curl_socket_t value = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &value);
    return value;
}

CURLMcode shim_multi_set_long(CURLM *multi, CURLMoption option, long value)
{
    return curl_multi_setopt(multi, option, value);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    shim_multi_events *events = context;
    (void)purpose;
    int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (descriptor >= 0 && events != NULL) {
        events->is_unproven = 1;
        events->opened(events->context, descriptor);
    }
    return descriptor;
}

static int close_socket(void *context, curl_socket_t descriptor)
{
    shim_multi_events *events = context;
    /* Before the number can be given to another. */
    if (events != NULL) {
        events->is_unproven = 1;
        events->closed(events->context, descriptor);
    }
    return close(descriptor);
}

void shim_set_socket_events(CURL *handle, shim_multi_events *events)
{
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, events);
    curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, events);
    if (events != NULL)
        shim_set_lookup_flag(handle, events->lookup_has_begun);
}

static int on_interest(CURL *handle, curl_socket_t descriptor, int what, void *context, void *unused)
{
    const shim_multi_events *events = context;
    (void)handle;
    (void)unused;
    int interest = what == CURL_POLL_REMOVE ? 0
        : ((what & CURL_POLL_IN) ? SHIM_READABLE : 0) | ((what & CURL_POLL_OUT) ? SHIM_WRITABLE : 0);
    if (*events->lookup_has_begun && interest != 0) {
        *events->lookup_has_begun = 0;
        shim_lookup_mark(descriptor);
    }
    events->watch(events->context, descriptor, interest);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *context)
{
    const shim_multi_events *events = context;
    (void)multi;
    events->set_timer(events->context, milliseconds);
    return 0;
}

CURLMcode shim_multi_set_events(CURLM *multi, const shim_multi_events *events)
{
    CURLMcode result = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_interest);
    if (result == CURLM_OK)
        result = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, events);
    if (result == CURLM_OK)
        result = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    if (result == CURLM_OK)
        result = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, events);
    return result;
}

CURLMcode shim_multi_socket_action(CURLM *multi, int descriptor, int happened)
{
    int running = 0;
    /* Over HTTP/2 the body of a request that starts now is otherwise sent only once the socket is
       reported writable; libcurl loses an answer that comes before that.
       docs/decisions.md, readable-is-writable. Told that it is only writable, libcurl sends without a
       look at an answer that has come meanwhile, which a server may end the connection with; without
       a mask it looks at the socket itself. */
    int mask = ((happened & SHIM_READABLE) ? CURL_CSELECT_IN | CURL_CSELECT_OUT : 0)
        | ((happened & SHIM_BROKEN) ? CURL_CSELECT_ERR : 0);
    return curl_multi_socket_action(multi, descriptor, mask, &running);
}

CURLMcode shim_multi_timeout_action(CURLM *multi)
{
    int running = 0;
    return curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
}
