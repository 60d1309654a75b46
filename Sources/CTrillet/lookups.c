#include "shims.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* libcurl before 8.11 opens a pair of sockets for each look-up of a name, which every program that
   the host starts meanwhile would hold. It names the one end, and the other is known by what the
   kernel gives a pair: inode numbers that follow each other. docs/decisions.md, lookup-sockets. */
enum { FARTHEST = 1024, BATCH = 1024 };

/* A processor takes numbers in batches. What follows the last one is the first of any other. */
static int follows(ino_t one, ino_t other)
{
    return other == one + 1 || (one % BATCH == 0 && other % BATCH == 1);
}

static int identify(int descriptor, struct stat *status)
{
    int family = 0;
    socklen_t length = sizeof family;
    return fstat(descriptor, status) == 0 && S_ISSOCK(status->st_mode)
        && getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0
        && family == AF_UNIX;
}

int shim_inherited_pair(int descriptor)
{
    struct stat one, other;
    int flags = fcntl(descriptor, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) || !identify(descriptor, &one))
        return -1;
    for (int next = descriptor + 1; next <= descriptor + FARTHEST; next++) {
        if (fstat(next, &other) == 0 && other.st_dev == one.st_dev
            && follows(one.st_ino, other.st_ino))
            return identify(next, &other) ? next : -1;
    }
    return -1;
}

void shim_lookup_mark(int descriptor)
{
    int other = shim_inherited_pair(descriptor);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (other >= 0)
        fcntl(other, F_SETFD, FD_CLOEXEC);
}

static int note_lookup(void *resolver, void *reserved, void *context)
{
    int32_t *has_begun = context;
    (void)resolver;
    (void)reserved;
    *has_begun = 1;
    return 0;
}

void shim_set_lookup_flag(CURL *handle, int32_t *has_begun)
{
    curl_easy_setopt(handle, CURLOPT_RESOLVER_START_FUNCTION, note_lookup);
    curl_easy_setopt(handle, CURLOPT_RESOLVER_START_DATA, has_begun);
}

static int mark_interest(CURL *handle, curl_socket_t descriptor, int what, void *context,
                         void *unused)
{
    (void)handle;
    (void)context;
    (void)unused;
    if (what != CURL_POLL_REMOVE)
        shim_lookup_mark(descriptor);
    return 0;
}

CURLMcode shim_multi_perform(CURLM *multi, int *running, int32_t *has_begun)
{
    *has_begun = 0;
    CURLMcode result = curl_multi_perform(multi, running);
    if (result != CURLM_OK || !*has_begun)
        return result;
    /* Of the ways to ask for the descriptors, the one that knows them beyond FD_SETSIZE. */
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, mark_interest);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return curl_multi_socket_all(multi, running);
#pragma GCC diagnostic pop
}
