#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 when the descriptor is a regular file that nobody else appends to. */
static int lock(int descriptor, struct stat *status)
{
    if (fstat(descriptor, status) != 0)
        return errno;
    if (!S_ISREG(status->st_mode))
        return S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
    /* Some network file systems have no locks: those are as good as not asked. */
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return SHIM_FILE_IN_USE;
    return 0;
}

int shim_append_open(const char *path, int must_be_new, int64_t *size)
{
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | (must_be_new ? O_EXCL : 0);
    for (;;) {
        int descriptor = open(path, flags, 0666);
        if (descriptor < 0)
            return must_be_new && errno == EEXIST ? -SHIM_FILE_EXISTS : -errno;
        struct stat opened, named;
        int problem = lock(descriptor, &opened);
        if (problem != 0) {
            close(descriptor);
            return -problem;
        }
        /* Another file may have been moved to its place before the lock was had. */
        if (stat(path, &named) == 0 && named.st_ino == opened.st_ino
            && named.st_dev == opened.st_dev) {
            *size = (int64_t)opened.st_size;
            return descriptor;
        }
        close(descriptor);
    }
}

int64_t shim_append_read(int descriptor, void *into, size_t count, int64_t offset)
{
    ssize_t got;
    do
        got = pread(descriptor, into, count, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (int64_t)got;
}

int shim_append_write(int descriptor, const void *from, size_t count, int64_t offset)
{
    const char *next = from;
    while (count > 0) {
        ssize_t written = pwrite(descriptor, next, count, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        next += written;
        offset += written;
        count -= (size_t)written;
    }
    return fdatasync(descriptor) == 0 ? 0 : errno;
}

int shim_append_cut(int descriptor, int64_t size)
{
    return ftruncate(descriptor, (off_t)size) == 0 && fdatasync(descriptor) == 0 ? 0 : errno;
}

void shim_directory_flush(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    char *directory = strndup(slash == NULL ? "." : path, length);
    if (directory == NULL)
        return;
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}
