#include "shims.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

/* The number that a path has of this process's own descriptors, -1 for any other path.
   docs/decisions.md, descriptor-paths. */
static int own_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (int folder = 0; folder < 2; folder++) {
        size_t length = strlen(folders[folder]);
        if (strncmp(path, folders[folder], length) != 0 || !isdigit((unsigned char)path[length]))
            continue;
        char *end = NULL;
        long number = strtol(path + length, &end, 10);
        return *end == '\0' && number <= INT_MAX ? (int)number : -1;
    }
    return -1;
}

/* Where a symbolic link leads to; `path` itself for anything else. NULL with errno. Frees `path`. */
static char *follow(char *path, int *is_link)
{
    struct stat status;
    char target[PATH_MAX];
    *is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
    if (!*is_link)
        return path;
    ssize_t length = readlink(path, target, sizeof target - 1);
    const char *slash = strrchr(path, '/');
    size_t folder = slash == NULL || target[0] == '/' ? 0 : (size_t)(slash - path) + 1;
    char *followed = length < 0 ? NULL : malloc(folder + (size_t)length + 1);
    if (followed != NULL) {
        memcpy(followed, path, folder);
        memcpy(followed + folder, target, (size_t)length);
        followed[folder + (size_t)length] = '\0';
    }
    int problem = errno;
    free(path);
    errno = problem;
    return followed;
}

char *shim_output_place(const char *path, int *descriptor)
{
    char *place = strdup(path);
    int is_link = 1;
    for (int links = 0; place != NULL && is_link; links++) {
        *descriptor = own_descriptor(place);
        if (*descriptor >= 0)
            return place;
        if (links > MOST_LINKS) {
            free(place);
            *descriptor = ELOOP;
            return NULL;
        }
        place = follow(place, &is_link);
    }
    if (place == NULL)
        *descriptor = errno;
    return place;
}

/* The folder of a place where no file is yet, and its last name as a number. Frees `place`. */
static int identify_new(char *place, shim_output_identity *identity)
{
    struct stat status;
    char *slash = strrchr(place, '/');
    uint64_t name = 14695981039346656037u; /* FNV-1a */
    for (const char *byte = slash == NULL ? place : slash + 1; *byte != '\0'; byte++)
        name = (name ^ (unsigned char)*byte) * 1099511628211u;
    if (slash != NULL)
        slash[1] = '\0';
    int is_there = stat(slash == NULL ? "." : place, &status) == 0;
    free(place);
    if (!is_there)
        return 0;
    *identity = (shim_output_identity){(uint64_t)status.st_dev, (uint64_t)status.st_ino, name | 1};
    return 1;
}

int shim_output_identify(const char *path, shim_output_identity *identity)
{
    struct stat status;
    int descriptor;
    if (stat(path, &status) == 0) {
        *identity = (shim_output_identity){(uint64_t)status.st_dev, (uint64_t)status.st_ino, 0};
        return S_ISREG(status.st_mode);
    }
    char *place = shim_output_place(path, &descriptor);
    if (place != NULL && descriptor < 0)
        return identify_new(place, identity);
    free(place);
    return 0;
}

/* Access lists and what programs note at a file: a new one would not have them. */
static int has_attributes(const char *place)
{
    char names[1024];
    ssize_t length = listxattr(place, names, sizeof names);
    if (length < 0)
        return errno == ERANGE;
    for (ssize_t offset = 0; offset < length; offset += (ssize_t)strlen(names + offset) + 1) {
        /* The system labels a new file by itself. */
        if (strncmp(names + offset, "security.", 9) != 0)
            return 1;
    }
    return 0;
}

int shim_output_resemble(int descriptor, const char *place, const struct stat *old)
{
    struct stat made;
    if (fstat(descriptor, &made) != 0)
        return errno;
    /* Asked of a file just made, because some network file systems give all files one owner.
       docs/decisions.md, no-foreign-files. */
    if (made.st_uid != old->st_uid)
        return SHIM_FILE_OF_ANOTHER;
    if (faccessat(AT_FDCWD, place, W_OK, AT_EACCESS) != 0)
        return errno;
    if (old->st_nlink != 1 || has_attributes(place))
        return SHIM_OUTPUT_REWRITE;
    if (made.st_gid != old->st_gid && fchown(descriptor, (uid_t)-1, old->st_gid) != 0)
        return SHIM_OUTPUT_REWRITE;
    return fchmod(descriptor, old->st_mode & 07777) == 0 ? 0 : SHIM_OUTPUT_REWRITE;
}

int shim_output_create(const char *temporary, const char *place, int *rewrites)
{
    struct stat old;
    int is_there = stat(place, &old) == 0;
    *rewrites = 0;
    if (!is_there && errno != ENOENT)
        return -errno;
    /* Nobody may read more of it while it is made than later. */
    int descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, is_there ? 0600 : 0666);
    if (descriptor < 0)
        return -errno;
    int problem = is_there ? shim_output_resemble(descriptor, place, &old) : 0;
    if (problem == SHIM_OUTPUT_REWRITE) {
        *rewrites = 1;
    } else if (problem != 0) {
        close(descriptor);
        unlink(temporary);
        return -problem;
    }
    return descriptor;
}

/* Copies what was made into the file itself, after the room for it was had. */
static int rewrite(int from, const char *place)
{
    struct stat made, old;
    char piece[16 * 1024];
    int problem = 0;
    int to = open(place, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (to < 0)
        return errno;
    if (fstat(from, &made) != 0 || fstat(to, &old) != 0) {
        problem = errno;
    } else if (!S_ISREG(old.st_mode)) {
        problem = EEXIST;
    } else if (made.st_size > old.st_size
               && fallocate(to, 0, old.st_size, made.st_size - old.st_size) != 0
               && errno != EOPNOTSUPP && errno != ENOSYS) {
        problem = errno;
        if (ftruncate(to, old.st_size) != 0)
            problem = errno;
    } else {
        off_t offset = 0;
        while (problem == 0 && offset < made.st_size) {
            ssize_t got = pread(from, piece, sizeof piece, offset);
            if (got <= 0)
                problem = got == 0 ? EIO : errno == EINTR ? 0 : errno;
            for (ssize_t done = 0; problem == 0 && done < got;) {
                ssize_t put = pwrite(to, piece + done, (size_t)(got - done), offset + done);
                if (put < 0 && errno != EINTR)
                    problem = errno;
                else if (put > 0)
                    done += put;
            }
            if (problem == 0 && got > 0)
                offset += got;
        }
        if (problem == 0 && (ftruncate(to, made.st_size) != 0 || fsync(to) != 0))
            problem = errno;
    }
    close(to);
    return problem;
}

int shim_output_commit(const char *temporary, const char *place, int rewrites)
{
    struct stat there;
    if (!rewrites) {
        if (lstat(place, &there) == 0 && !S_ISREG(there.st_mode))
            return EEXIST;
        if (rename(temporary, place) == 0)
            return 0;
        /* A file that is mounted by itself, as containers do it, cannot be replaced.
           docs/decisions.md, output-moved-or-copied. */
        if (errno != EBUSY && errno != EXDEV)
            return errno;
    }
    int from = open(temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return errno;
    int problem = rewrite(from, place);
    close(from);
    if (problem == 0)
        unlink(temporary);
    return problem;
}

/* What is written to as it comes: 1, 0 for a regular file or nothing, or a negative errno. */
static int is_stream(const struct stat *status)
{
    if (S_ISREG(status->st_mode))
        return 0;
    if (S_ISDIR(status->st_mode))
        return -EISDIR;
    /* Whoever names a disk here has mistaken it. docs/decisions.md, devices-and-disks. */
    return S_ISBLK(status->st_mode) ? -SHIM_FILE_IS_DISK : 1;
}

int shim_output_stream(const char *place, int own, int *descriptor)
{
    struct stat status;
    *descriptor = -1;
    if (own >= 0) {
        int mode = fcntl(own, F_GETFL);
        if (mode < 0)
            return -errno;
        if ((mode & O_ACCMODE) == O_RDONLY)
            return -EBADF;
        *descriptor = fcntl(own, F_DUPFD_CLOEXEC, 3);
        return *descriptor < 0 ? -errno : 1;
    }
    if (stat(place, &status) != 0)
        return errno == ENOENT ? 0 : -errno;
    int kind = is_stream(&status);
    if (kind != 1)
        return kind;
    /* A FIFO that nobody reads from would be waited for. */
    int opened = open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (opened < 0)
        return -errno;
    kind = fstat(opened, &status) != 0 ? -errno : is_stream(&status) != 1 ? -EEXIST : 1;
    if (kind != 1) {
        close(opened);
        return kind;
    }
    fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) & ~O_NONBLOCK);
    *descriptor = opened;
    return 1;
}
