#include "shims.h"

/* OpenSSL is libcurl's business, and where libcurl has another library there is none. These
   things it cannot be asked for through libcurl. */
extern int OPENSSL_init_crypto(uint64_t options, const void *settings) __attribute__((weak));
extern void ERR_clear_error(void) __attribute__((weak));
extern void OPENSSL_thread_stop(void) __attribute__((weak));
typedef struct ssl_st SSL;
extern void SSL_get0_alpn_selected(const SSL *ssl, const unsigned char **name, unsigned int *length)
    __attribute__((weak));
extern int CRYPTO_set_mem_functions(void *allocate, void *reallocate, void *release)
    __attribute__((weak));

/* OPENSSL_INIT_NO_ATEXIT, in all versions that have the function.
   docs/decisions.md, openssl-no-atexit. */
static const uint64_t no_exit_handler = 0x00080000;

static int exit_takes_it_apart;

/* OpenSSL reports whether its exit handler is installed to nobody. But it lets its allocator be
   replaced only until it has allocated something, which its initialisation does; asked with three
   times NULL it replaces nothing. docs/decisions.md, openssl-used-before. */
static int is_in_use(void)
{
    return CRYPTO_set_mem_functions != NULL && CRYPTO_set_mem_functions(NULL, NULL, NULL) == 0;
}

void shim_tls_outlive_exit(void)
{
    exit_takes_it_apart = is_in_use();
    if (OPENSSL_init_crypto != NULL)
        OPENSSL_init_crypto(no_exit_handler, NULL);
}

int shim_tls_ends_at_exit(void)
{
    return exit_takes_it_apart;
}

void shim_tls_forget_errors(void)
{
    if (ERR_clear_error != NULL)
        ERR_clear_error();
}

void shim_tls_leave_thread(void)
{
    if (OPENSSL_thread_stop != NULL)
        OPENSSL_thread_stop();
}

int shim_connection_kind(CURL *handle)
{
    struct curl_tlssessioninfo *session = NULL;
    const unsigned char *name = NULL;
    unsigned int length = 0;
    if (SSL_get0_alpn_selected != NULL
        && curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK && session != NULL
        && session->backend == CURLSSLBACKEND_OPENSSL && session->internals != NULL)
        SSL_get0_alpn_selected(session->internals, &name, &length);
    return length == 2 && memcmp(name, "h2", 2) == 0 ? SHIM_SHARED_CONNECTION : SHIM_OWN_CONNECTION;
}
