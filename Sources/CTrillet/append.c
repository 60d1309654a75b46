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

/* Opens the file, or makes it where it is not there; says which. */
static int open_or_make(const char *path, int must_be_new, int *is_made)
{
    struct stat status;
    /* Only to open a device or a FIFO would mean something to it. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int descriptor = open(path, flags | O_CREAT | O_EXCL, 0666);
    *is_made = descriptor >= 0;
    if (descriptor < 0 && errno == EEXIST) {
        if (must_be_new)
            return -SHIM_FILE_EXISTS;
        descriptor = open(path, flags);
    }
    return descriptor < 0 ? -errno : descriptor;
}

static int open_place(const char *path, int must_be_new, int64_t *size, int *is_made)
{
    for (;;) {
        int descriptor = open_or_make(path, must_be_new, is_made);
        /* It went between two steps. */
        if (descriptor == -ENOENT && !must_be_new && access(path, F_OK) == 0)
            continue;
        if (descriptor < 0)
            return descriptor;
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

int shim_append_open(const char *path, int must_be_new, int64_t *size, int *is_made)
{
    int own;
    char *place = shim_output_place(path, &own);
    if (place == NULL)
        return -own;
    int descriptor = own >= 0 ? -EINVAL : open_place(place, must_be_new, size, is_made);
    free(place);
    return descriptor;
}

void shim_append_remove(int descriptor, const char *path)
{
    struct stat opened, named;
    int own;
    char *place = shim_output_place(path, &own);
    if (place == NULL)
        return;
    if (fstat(descriptor, &opened) == 0 && lstat(place, &named) == 0 && opened.st_size == 0
        && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
        unlink(place);
    free(place);
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
    /* docs/decisions.md, one-write-a-page. */
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
