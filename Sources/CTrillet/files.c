#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int shim_file_open(const char *path, int64_t *size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (descriptor < 0)
        return -errno;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        int problem = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        close(descriptor);
        return -problem;
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    *size = (int64_t)status.st_size;
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

int shim_file_check_place(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? 0 : errno;
    return S_ISDIR(status.st_mode) ? EISDIR : 0;
}

int shim_file_create(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return descriptor < 0 ? -errno : descriptor;
}

int shim_file_write(int descriptor, const void *from, size_t count)
{
    const char *next = from;
    while (count > 0) {
        ssize_t written = write(descriptor, next, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        next += written;
        count -= (size_t)written;
    }
    return 0;
}

int shim_file_flush(int descriptor)
{
    return fsync(descriptor) == 0 ? 0 : errno;
}

int shim_file_move(const char *from, const char *to)
{
    return rename(from, to) == 0 ? 0 : errno;
}

void shim_file_remove(const char *path)
{
    unlink(path);
}
