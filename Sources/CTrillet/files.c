#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe or a device has no length to announce, and reading it could block for ever. */
static int refuse_irregular(mode_t mode)
{
    return S_ISREG(mode) ? 0 : S_ISDIR(mode) ? EISDIR : EINVAL;
}

int shim_file_identify(int descriptor, shim_file_identity *identity)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return errno;
    int problem = refuse_irregular(status.st_mode);
    if (problem != 0)
        return problem;
    identity->device = (uint64_t)status.st_dev;
    identity->inode = (uint64_t)status.st_ino;
    identity->size = (int64_t)status.st_size;
    identity->modified_seconds = (int64_t)status.st_mtim.tv_sec;
    identity->modified_nanoseconds = (int64_t)status.st_mtim.tv_nsec;
    return 0;
}

int shim_file_open(const char *path, shim_file_identity *identity)
{
    struct stat status;
    /* Only to look would mean something to a device, and to whoever writes to a pipe. */
    int problem = stat(path, &status) != 0 ? errno : refuse_irregular(status.st_mode);
    if (problem != 0)
        return -problem;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return -errno;
    problem = shim_file_identify(descriptor, identity);
    if (problem != 0) {
        close(descriptor);
        return -problem;
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return descriptor;
}

int64_t shim_file_read(int descriptor, void *into, size_t count)
{
    ssize_t got;
    do
        got = read(descriptor, into, count);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (int64_t)got;
}

int shim_file_rewind(int descriptor)
{
    return lseek(descriptor, 0, SEEK_SET) < 0 ? errno : 0;
}

int shim_file_write(int descriptor, const void *from, size_t count)
{
    const char *next = from;
    while (count > 0) {
        ssize_t written = write(descriptor, next, count);
        if (written < 0 && errno == EINTR)
            continue;
        /* The host may have its standard output so. */
        if (written < 0 && errno == EAGAIN) {
            struct pollfd writable = {descriptor, POLLOUT, 0};
            poll(&writable, 1, -1);
            continue;
        }
        if (written < 0)
            return errno;
        next += written;
        count -= (size_t)written;
    }
    return 0;
}

int shim_stream_write(int descriptor, const void *from, size_t count)
{
    /* A reader that goes away must not end the host. */
    shim_sigpipe_guard guard;
    shim_sigpipe_block(&guard);
    int problem = shim_file_write(descriptor, from, count);
    shim_sigpipe_restore(&guard);
    return problem;
}

int shim_file_flush(int descriptor)
{
    return fsync(descriptor) == 0 ? 0 : errno;
}

void shim_file_remove(const char *path)
{
    unlink(path);
}
