#include "shims.h"

/* OpenSSL is libcurl's business, and where libcurl has another library there is none. These two
   things it cannot be asked for through libcurl. */
extern int OPENSSL_init_crypto(uint64_t options, const void *settings) __attribute__((weak));
extern void ERR_clear_error(void) __attribute__((weak));

/* OPENSSL_INIT_NO_ATEXIT, in all versions that have the function. */
static const uint64_t no_exit_handler = 0x00080000;

void shim_tls_outlive_exit(void)
{
    if (OPENSSL_init_crypto != NULL)
        OPENSSL_init_crypto(no_exit_handler, NULL);
}

void shim_tls_forget_errors(void)
{
    if (ERR_clear_error != NULL)
        ERR_clear_error();
}
