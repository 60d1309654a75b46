#include "shims.h"

#include <unistd.h>

#ifdef TRILLET_BUNDLED

/* The libcurl inside was built on another system than the one that it runs on. */
#define DEBIAN "/etc/ssl/certs/ca-certificates.crt"
#define FEDORA "/etc/pki/tls/certs/ca-bundle.crt"
#define SUSE "/etc/ssl/ca-bundle.pem"
#define FEDORA_EXTRACTED "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
#define ALPINE "/etc/ssl/cert.pem"

int shim_is_bundled(void)
{
    return 1;
}

const char *shim_ca_file(void)
{
    static const char *const places[] = {DEBIAN, FEDORA, SUSE, FEDORA_EXTRACTED, ALPINE};
    for (size_t index = 0; index < sizeof places / sizeof *places; index++)
        if (access(places[index], R_OK) == 0)
            return places[index];
    return NULL;
}

const char *shim_ca_places(void)
{
    return DEBIAN ", " FEDORA ", " SUSE ", " FEDORA_EXTRACTED ", " ALPINE;
}

#else

int shim_is_bundled(void)
{
    return 0;
}

const char *shim_ca_file(void)
{
    return NULL;
}

const char *shim_ca_places(void)
{
    return NULL;
}

#endif
