#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char attribute[] = "user.trillet.version";

enum { BOOT_ID = 36, LONGEST_VERSION = 1024, FLUSHED_AT_ONCE = 8 * 1024 * 1024 };

typedef struct {
    /* After a crash of the system nobody knows which bytes have reached the disk. */
    char boot[40];
    uint64_t address;
    char version[LONGEST_VERSION];
} note;

enum { NOTE_START = offsetof(note, version) };

/* Whether the file of a descriptor is the one that stands there. */
static int stands_at(int descriptor, const char *part)
{
    struct stat opened, named;
    return fstat(descriptor, &opened) == 0 && lstat(part, &named) == 0
           && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

/* A part that was found is emptied, so that it must be a file of nobody else and nowhere else. Of one
   just made that is not asked: some network file systems give all files one owner. */
static int check(int descriptor, const char *part, int is_made)
{
    struct stat opened;
    if (fstat(descriptor, &opened) != 0)
        return errno;
    if (!S_ISREG(opened.st_mode) || opened.st_nlink > 1)
        return EEXIST;
    if (!is_made && opened.st_uid != geteuid())
        return SHIM_FILE_OF_ANOTHER;
    /* Some network file systems have no locks: those are as good as not asked. */
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return SHIM_FILE_IN_USE;
    /* It may have been moved to its place before the lock was had. */
    if (!stands_at(descriptor, part))
        return EAGAIN;
    return is_made || fchmod(descriptor, 0600) == 0 ? 0 : errno;
}

static int open_part(const char *part, int *is_made)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int descriptor = open(part, flags | O_CREAT | O_EXCL, 0600);
    *is_made = descriptor >= 0;
    if (descriptor < 0 && errno == EEXIST)
        descriptor = open(part, flags);
    /* It is a link, which is not followed. */
    if (descriptor < 0 && errno == ELOOP)
        errno = EEXIST;
    return descriptor;
}

int shim_download_open(const char *part, const char *place, int64_t *size, int *rewrites)
{
    struct stat old;
    int is_there = stat(place, &old) == 0;
    *rewrites = 0;
    if (!is_there && errno != ENOENT)
        return -errno;
    if (is_there && !S_ISREG(old.st_mode))
        return S_ISDIR(old.st_mode) ? -EISDIR : -EINVAL;
    for (int tries = 0; tries < 100; tries++) {
        int is_made = 0;
        int descriptor = open_part(part, &is_made);
        if (descriptor < 0)
            return -errno;
        int problem = check(descriptor, part, is_made);
        if (problem == 0 && is_there)
            problem = shim_output_resemble(descriptor, place, &old);
        *rewrites = problem == SHIM_OUTPUT_REWRITE;
        if (problem == 0 || *rewrites) {
            *size = (int64_t)lseek(descriptor, 0, SEEK_END);
            return descriptor;
        }
        if (is_made)
            unlink(part);
        close(descriptor);
        if (problem != EAGAIN)
            return -problem;
    }
    return -SHIM_FILE_IN_USE;
}

int shim_download_write(int descriptor, const void *from, size_t count, int64_t offset)
{
    const char *next = from;
    const int64_t end = offset + (int64_t)count;
    struct rlimit most;
    /* Beyond it the system sends a signal, which ends a host that does not expect it. */
    if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY
        && (uint64_t)end > (uint64_t)most.rlim_cur)
        return EFBIG;
    const int64_t begun = offset / FLUSHED_AT_ONCE;
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
    if (end / FLUSHED_AT_ONCE > begun)
        sync_file_range(descriptor, begun * FLUSHED_AT_ONCE, FLUSHED_AT_ONCE,
                        SYNC_FILE_RANGE_WRITE);
    return 0;
}

int shim_download_clear(int descriptor)
{
    fremovexattr(descriptor, attribute);
    return ftruncate(descriptor, 0) == 0 ? 0 : errno;
}

/* 0 when it cannot be known which boot this is. */
static int begin_note(note *made, const unsigned char *url, size_t length)
{
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t got = read(file, made->boot, BOOT_ID);
    close(file);
    made->address = 14695981039346656037u; /* FNV-1a */
    for (size_t at = 0; at < length; at++)
        made->address = (made->address ^ url[at]) * 1099511628211u;
    return got == BOOT_ID;
}

void shim_download_note(int descriptor, const void *url, size_t url_length, const void *version,
                        size_t version_length)
{
    note made = {0};
    if (version_length > LONGEST_VERSION || !begin_note(&made, url, url_length))
        return;
    memcpy(made.version, version, version_length);
    fsetxattr(descriptor, attribute, &made, NOTE_START + version_length, 0);
}

size_t shim_download_noted(int descriptor, const void *url, size_t url_length, void *version,
                           size_t capacity)
{
    note made = {0}, found;
    ssize_t length = fgetxattr(descriptor, attribute, &found, sizeof found);
    if (length <= NOTE_START || (size_t)length - NOTE_START > capacity
        || !begin_note(&made, url, url_length) || memcmp(&made, &found, NOTE_START) != 0)
        return 0;
    memcpy(version, found.version, (size_t)length - NOTE_START);
    return (size_t)length - NOTE_START;
}

int64_t shim_download_stated(int descriptor)
{
    unsigned char head[8];
    if (pread(descriptor, head, sizeof head, 0) != sizeof head || memcmp(head, "RIFF", 4) != 0)
        return -1;
    return (int64_t)(sizeof head)
           + (int64_t)((uint32_t)head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16
                       | (uint32_t)head[7] << 24);
}

int shim_download_finish(int descriptor, const char *part)
{
    /* Another file there would be moved to the place of the one that was written. */
    errno = 0;
    if (!stands_at(descriptor, part))
        return errno != 0 ? errno : SHIM_FILE_IN_USE;
    fremovexattr(descriptor, attribute);
    return fsync(descriptor) == 0 ? 0 : errno;
}
