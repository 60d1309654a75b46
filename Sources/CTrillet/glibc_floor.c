/* What glibc had not yet, or not as a function, in the first version that the shipped library runs
   with. Local to the library; the ordinary build uses the system's. */
#include "shims.h"

#if defined(TRILLET_GLIBC_FLOOR) && defined(__GLIBC__) && defined(__x86_64__)

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Until 2.33 stat and its like were no functions: programs called these, with the version of the
   structure, and every later glibc keeps them for those programs. */
int __xstat(int version, const char *path, struct stat *status);
int __fxstat(int version, int descriptor, struct stat *status);
int __lxstat(int version, const char *path, struct stat *status);
int __fxstatat(int version, int folder, const char *path, struct stat *status, int flags);

enum { STRUCTURE_VERSION = 1 };

int stat(const char *restrict path, struct stat *restrict status)
{
    return __xstat(STRUCTURE_VERSION, path, status);
}

int fstat(int descriptor, struct stat *status)
{
    return __fxstat(STRUCTURE_VERSION, descriptor, status);
}

int lstat(const char *restrict path, struct stat *restrict status)
{
    return __lxstat(STRUCTURE_VERSION, path, status);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict status, int flags)
{
    return __fxstatat(STRUCTURE_VERSION, folder, path, status, flags);
}

/* Since 2.25. */
ssize_t getrandom(void *buffer, size_t length, unsigned int flags)
{
    return syscall(SYS_getrandom, buffer, length, flags);
}

/* Since 2.25; of the OpenSSL inside the bundled library, which asks for 256 bytes at most and goes on
   to /dev/urandom where the kernel has no such call. */
int getentropy(void *buffer, size_t length)
{
    ssize_t given = getrandom(buffer, length, 0);
    return given >= 0 && (size_t)given == length ? 0 : -1;
}

#endif
